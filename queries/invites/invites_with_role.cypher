// Which invites in this subtree promise this role? A role is usable at its group and below alone.
MATCH (:Group {id: $group})-[:PARENT_OF*0..]->(g:Group)
MATCH (i:Invite {group_id: g.id})
WHERE i.role = $role
RETURN collect(i {.*}) AS answer
