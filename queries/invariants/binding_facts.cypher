// Which bindings lead to groups of this organization, and what do they say of themselves?
MATCH (u:User)-[b:BOUND_TO]->(g:Group {org: $org})
RETURN collect({id: b.id, org: b.org, group_id: b.group_id, user_id: b.user_id, role: b.role,
  expires_at: b.expires_at, from_user: u.id, from_kind: u.kind, to_group: g.id}) AS answer
