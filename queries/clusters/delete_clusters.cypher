// Remove these clusters with their edges.
UNWIND $ids AS id
MATCH (c:Cluster {id: id})
DETACH DELETE c
RETURN count(id) AS answer
