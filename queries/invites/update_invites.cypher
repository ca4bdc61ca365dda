// Set what these invites are: their codes, how many uses they have left.
UNWIND $rows AS row
MATCH (i:Invite {id: row.id})
SET i += row
RETURN count(i) AS answer
