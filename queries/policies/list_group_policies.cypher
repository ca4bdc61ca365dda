// Which policies are bound to these groups themselves? One page by name for each, read in the
// order of the index on (Policy.group_id, Policy.name).
UNWIND range(0, size($ids) - 1) AS i
CALL (i) {
  MATCH (p:Policy {group_id: $ids[i]})
  RETURN count(p) AS total
}
CALL (i) {
  MATCH (p:Policy)
  WHERE p.group_id = $ids[i] AND p.name >= coalesce($after_name, '')
    AND ($after_name IS NULL OR p.name > $after_name OR p.id > $after_id)
  WITH p
  ORDER BY p.group_id, p.name, p.id
  LIMIT $first
  MATCH (v:PolicyVersion {id: p.version_id})
  WITH p, v
  ORDER BY p.name, p.id
  RETURN collect(p {.*, version: v {.id, .org, .policy_id, .number, .mode, .images, .created_at, .created_by}}) AS items
}
WITH i, total, items
ORDER BY i
RETURN collect({total: total, items: items}) AS answer
