// Remove these versions with their edges.
UNWIND $ids AS id
MATCH (v:PolicyVersion {id: id})
DETACH DELETE v
RETURN count(id) AS answer
