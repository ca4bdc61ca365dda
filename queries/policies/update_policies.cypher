// Set what these policies are.
UNWIND $rows AS row
MATCH (p:Policy {id: row.id})
SET p += row
RETURN count(p) AS answer
