// What are these roles? Starts from the unique index on Role.id.
UNWIND $ids AS id
MATCH (r:Role {id: id})
RETURN collect(r {.*}) AS answer
