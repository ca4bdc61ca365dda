// What are these policies, and which version of each is active?
// Starts from the unique index on Policy.id.
UNWIND $ids AS id
MATCH (p:Policy {id: id})
MATCH (v:PolicyVersion {id: p.version_id})
RETURN collect(p {.*, version: v {.id, .org, .policy_id, .number, .mode, .images, .created_at, .created_by}}) AS answer
