// Make these roles and bind each to its group.
UNWIND $rows AS row
MATCH (g:Group {id: row.group_id})
CREATE (r:Role {id: row.id})-[:BOUND_TO]->(g)
SET r += row
RETURN count(r) AS answer
