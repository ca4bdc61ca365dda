// Set what these roles are.
UNWIND $rows AS row
MATCH (r:Role {id: row.id})
SET r += row
RETURN count(r) AS answer
