// Which roles are bound to these groups?
UNWIND $groups AS group_id
MATCH (r:Role {group_id: group_id})
RETURN collect(r {.*}) AS answer
