// Set what these clusters are.
UNWIND $rows AS row
MATCH (c:Cluster {id: row.id})
SET c += row
RETURN count(c) AS answer
