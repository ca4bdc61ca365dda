// Bind each of these clusters to the group that its properties name, and to no other.
UNWIND $rows AS row
MATCH (c:Cluster {id: row.id})-[edge:BOUND_TO]->(:Group)
MATCH (g:Group {id: row.group_id})
DELETE edge
CREATE (c)-[:BOUND_TO]->(g)
RETURN count(c) AS answer
