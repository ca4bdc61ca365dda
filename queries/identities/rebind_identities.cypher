// Bind each of these identities to the group that its properties name, and to no other.
UNWIND $rows AS row
MATCH (n:Identity {id: row.id})-[edge:BOUND_TO]->(:Group)
MATCH (g:Group {id: row.group_id})
DELETE edge
CREATE (n)-[:BOUND_TO]->(g)
RETURN count(n) AS answer
