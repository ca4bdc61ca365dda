// Make these identities, bind each to its group, and make the user whom role bindings bind.
UNWIND $rows AS row
MATCH (g:Group {id: row.group_id})
CREATE (n:Identity {id: row.id})-[:BOUND_TO]->(g)
SET n += row
CREATE (u:User {id: row.id})
SET u.issuer = row.issuer, u.subject = coalesce(row.subject, row.subject_pattern),
  u.kind = CASE WHEN row.cluster_id IS NULL THEN 'workload' ELSE 'cluster' END,
  u.display_name = row.name
RETURN count(n) AS answer
