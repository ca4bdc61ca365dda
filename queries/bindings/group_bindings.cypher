// Who is bound to these groups themselves?
UNWIND $groups AS id
MATCH (u:User)-[b:BOUND_TO]->(:Group {id: id})
WITH b {.*} AS binding, u {.*} AS user
RETURN collect({binding: binding, user: user}) AS answer
