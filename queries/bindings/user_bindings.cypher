// To which groups are these users bound? Starts from the unique index on User.id.
UNWIND $users AS id
MATCH (:User {id: id})-[b:BOUND_TO]->(:Group)
RETURN collect(b {.*}) AS answer
