// Who are these users? Starts from the unique index on User.id.
UNWIND $ids AS id
MATCH (u:User {id: id})
RETURN collect(u {.*}) AS answer
