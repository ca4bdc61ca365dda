// Which versions do these policies have, documents included?
// Starts from the index on PolicyVersion.policy_id.
UNWIND $policies AS policy_id
MATCH (v:PolicyVersion {policy_id: policy_id})
RETURN collect(v {.*}) AS answer
