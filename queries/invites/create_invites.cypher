// Make these invites and bind each to its group.
UNWIND $rows AS row
MATCH (g:Group {id: row.group_id})
CREATE (i:Invite {id: row.id})-[:BOUND_TO]->(g)
SET i += row
RETURN count(i) AS answer
