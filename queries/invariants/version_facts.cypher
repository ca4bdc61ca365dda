// Which versions say they are of this organization, and which edges make them whose?
MATCH (v:PolicyVersion {org: $org})
RETURN collect({id: v.id, policy_id: v.policy_id, number: v.number,
  policies: [(v)-[:VERSION_OF]->(p:Policy) | p.id]}) AS answer
