// What are these identities? Starts from the unique index on Identity.id.
UNWIND $ids AS id
MATCH (n:Identity {id: id})
RETURN collect(n {.*}) AS answer
