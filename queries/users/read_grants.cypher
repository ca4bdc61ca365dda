// To which groups is this user bound, and at which revision are their organizations?
MATCH (u:User {id: $user})-[b:BOUND_TO]->(g:Group)
MATCH (o:Organization {id: g.org})
RETURN collect({binding: b.id, org: g.org, group_id: g.id, role: b.role, expires_at: b.expires_at,
  org_name: o.name, epoch: o.epoch, revision: o.revision}) AS answer
