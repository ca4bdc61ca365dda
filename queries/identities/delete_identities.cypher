// Remove these identities and their users, whose role bindings are gone already.
UNWIND $ids AS id
MATCH (n:Identity {id: id})
MATCH (u:User {id: id})
DETACH DELETE n, u
RETURN count(id) AS answer
