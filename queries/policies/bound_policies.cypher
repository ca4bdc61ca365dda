// Which policies are bound to these groups, and which version of each is active?
// By the index on Policy.group_id: a group's edges may be many thousands of users and clusters.
UNWIND $groups AS group_id
MATCH (p:Policy {group_id: group_id})
MATCH (v:PolicyVersion {id: p.version_id})
RETURN collect(p {.*, version: v {.id, .org, .policy_id, .number, .mode, .images, .created_at, .created_by}}) AS answer
