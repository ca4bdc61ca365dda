// Make these versions of their policies.
UNWIND $rows AS row
MATCH (p:Policy {id: row.policy_id})
CREATE (v:PolicyVersion {id: row.id})-[:VERSION_OF]->(p)
SET v += row
RETURN count(v) AS answer
