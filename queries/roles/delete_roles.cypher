// Remove these roles with their edges.
UNWIND $ids AS id
MATCH (r:Role {id: id})
DETACH DELETE r
RETURN count(id) AS answer
