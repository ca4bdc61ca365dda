// Who is bound to these groups themselves?
UNWIND $groups AS id
MATCH (u:User)-[b:BOUND_TO]->(:Group {id: id})
RETURN collect({binding: b {.*}, user: u {.*}}) AS answer
