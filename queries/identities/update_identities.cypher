// Set what these identities are, and what their users are called.
UNWIND $rows AS row
MATCH (n:Identity {id: row.id})
MATCH (u:User {id: row.id})
SET n += row
SET u.issuer = row.issuer, u.subject = coalesce(row.subject, row.subject_pattern),
  u.display_name = row.name
RETURN count(n) AS answer
