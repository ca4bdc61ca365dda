// Which groups say they are of this organization, and which edges put them where?
MATCH (g:Group {org: $org})
RETURN collect({id: g.id, parent_id: g.parent_id, name: g.name, name_scope: g.name_scope,
  created_by: g.created_by, is_root: g:Organization,
  parents: [(p:Group)-[:PARENT_OF]->(g) | {id: p.id, org: p.org}]}) AS answer
