// Make an organization's node its root group: a new one, or a deleted one that is restored.
UNWIND $rows AS row
MATCH (o:Organization {id: row.id})
SET o:Group
SET o.kind = row.kind, o.org = row.org, o.name = row.name, o.name_scope = row.name_scope,
    o.description = row.description, o.created_at = row.created_at, o.created_by = row.created_by
RETURN count(o) AS answer
