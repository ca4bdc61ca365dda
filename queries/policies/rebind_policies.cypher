// Bind each of these policies to the group that its properties name, and to no other.
UNWIND $rows AS row
MATCH (p:Policy {id: row.id})-[edge:BOUND_TO]->(:Group)
MATCH (g:Group {id: row.group_id})
DELETE edge
CREATE (p)-[:BOUND_TO]->(g)
RETURN count(p) AS answer
