// Which clusters, policies, identities, invites and roles say they are of this organization, and
// which edges bind them where?
CALL () {
  MATCH (c:Cluster {org: $org})
  RETURN collect({kind: 'cluster', id: c.id, group_id: c.group_id, name: c.name, version_id: null,
    places: [(c)-[:BOUND_TO]->(g:Group) | {id: g.id, org: g.org}]}) AS clusters
}
CALL () {
  MATCH (p:Policy {org: $org})
  RETURN collect({kind: 'policy', id: p.id, group_id: p.group_id, name: p.name,
    version_id: p.version_id,
    places: [(p)-[:BOUND_TO]->(g:Group) | {id: g.id, org: g.org}]}) AS policies
}
CALL () {
  MATCH (i:Invite {org: $org})
  RETURN collect({kind: 'invite', id: i.id, group_id: i.group_id, name: i.key_id, version_id: null,
    places: [(i)-[:BOUND_TO]->(g:Group) | {id: g.id, org: g.org}]}) AS invites
}
CALL () {
  MATCH (n:Identity {org: $org})
  RETURN collect({kind: 'identity', id: n.id, group_id: n.group_id, name: n.name,
    version_id: null,
    places: [(n)-[:BOUND_TO]->(g:Group) | {id: g.id, org: g.org}]}) AS identities
}
CALL () {
  MATCH (r:Role {org: $org})
  RETURN collect({kind: 'role', id: r.id, group_id: r.group_id, name: r.name, version_id: null,
    places: [(r)-[:BOUND_TO]->(g:Group) | {id: g.id, org: g.org}]}) AS roles
}
RETURN clusters + policies + identities + invites + roles AS answer
