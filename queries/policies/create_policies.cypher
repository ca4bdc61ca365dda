// Make these policies and bind each to its group.
UNWIND $rows AS row
MATCH (g:Group {id: row.group_id})
CREATE (p:Policy {id: row.id})-[:BOUND_TO]->(g)
SET p += row
RETURN count(p) AS answer
