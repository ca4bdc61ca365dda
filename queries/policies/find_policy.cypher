// Which policy of this group has this name? Starts from the unique index on both.
MATCH (p:Policy {group_id: $group_id, name: $name})
MATCH (v:PolicyVersion {id: p.version_id})
RETURN collect(p {.*, version: v {.id, .org, .policy_id, .number, .mode, .images, .created_at, .created_by}}) AS answer
