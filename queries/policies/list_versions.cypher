// Which versions do these policies have? Starts from the index on PolicyVersion.policy_id.
UNWIND $policies AS policy_id
MATCH (v:PolicyVersion {policy_id: policy_id})
RETURN collect(v {.id, .org, .policy_id, .number, .mode, .images, .created_at, .created_by}) AS answer
