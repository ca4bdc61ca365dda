// Remove these policies with their edges.
UNWIND $ids AS id
MATCH (p:Policy {id: id})
DETACH DELETE p
RETURN count(id) AS answer
