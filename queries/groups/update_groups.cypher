// Set what these groups are.
UNWIND $rows AS row
MATCH (g:Group {id: row.id})
SET g += row
RETURN count(g) AS answer
