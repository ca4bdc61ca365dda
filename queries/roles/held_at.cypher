// Where is this role granted, and until when? It is usable at its group and below alone.
// From the group on: from its users, the embedded store would look at every user there is.
MATCH (:Group {id: $group})-[:PARENT_OF*0..]->(g:Group)
MATCH (g)<-[b:BOUND_TO]-(:User)
WHERE b.role = $role
WITH DISTINCT g.id AS group_id, b.expires_at AS expires_at
RETURN collect({group_id: group_id, role: $role, expires_at: expires_at}) AS answer
