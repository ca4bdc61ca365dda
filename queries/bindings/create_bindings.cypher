// Bind each of these users to a group.
UNWIND $rows AS row
MATCH (u:User {id: row.user_id})
MATCH (g:Group {id: row.group_id})
CREATE (u)-[b:BOUND_TO {id: row.id}]->(g)
SET b += row
RETURN count(b) AS answer
