// Make these clusters and bind each to its group.
UNWIND $rows AS row
MATCH (g:Group {id: row.group_id})
CREATE (c:Cluster {id: row.id})-[:BOUND_TO]->(g)
SET c += row
RETURN count(c) AS answer
