// Make these users known; who they are never changes, what they are called may.
UNWIND $rows AS row
MERGE (u:User {id: row.id})
ON CREATE SET u.issuer = row.issuer, u.subject = row.subject, u.kind = row.kind,
  u.email = row.email, u.display_name = row.display_name
ON MATCH SET u.email = coalesce(row.email, u.email),
  u.display_name = coalesce(row.display_name, u.display_name)
RETURN count(u) AS answer
