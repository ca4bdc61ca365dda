// Which identities are bound to these groups, whole?
UNWIND $groups AS group_id
MATCH (n:Identity {group_id: group_id})
RETURN collect(n {.*}) AS answer
