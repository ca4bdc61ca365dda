// Which invites are bound to these groups, whole?
UNWIND $groups AS group_id
MATCH (i:Invite {group_id: group_id})
RETURN collect(i {.*}) AS answer
