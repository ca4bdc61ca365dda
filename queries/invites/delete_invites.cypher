// Remove these invites with their edges.
UNWIND $ids AS id
MATCH (i:Invite {id: id})
DETACH DELETE i
RETURN count(id) AS answer
