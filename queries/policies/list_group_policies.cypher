// Which policies are bound to these groups themselves? One page by name for each.
UNWIND range(0, size($ids) - 1) AS i
CALL (i) {
  MATCH (p:Policy {group_id: $ids[i]})
  MATCH (v:PolicyVersion {id: p.version_id})
  WITH p, v
  ORDER BY p.name, p.id
  WITH collect(p {.*, version: v {.id, .org, .policy_id, .number, .mode, .images, .created_at, .created_by}}) AS found
  RETURN size(found) AS total,
    [p IN found WHERE $after_name IS NULL OR p.name > $after_name
      OR (p.name = $after_name AND p.id > $after_id)][..$first] AS items
}
WITH i, total, items
ORDER BY i
RETURN collect({total: total, items: items}) AS answer
