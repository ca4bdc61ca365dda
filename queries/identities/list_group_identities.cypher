// Which identities are bound to these groups themselves? One page by name for each, read in the
// order of the index on (Identity.group_id, Identity.name).
UNWIND range(0, size($ids) - 1) AS i
CALL (i) {
  MATCH (n:Identity {group_id: $ids[i]})
  RETURN count(n) AS total
}
CALL (i) {
  MATCH (n:Identity)
  WHERE n.group_id = $ids[i] AND n.name >= coalesce($after_name, '')
    AND ($after_name IS NULL OR n.name > $after_name OR n.id > $after_id)
  WITH n
  ORDER BY n.group_id, n.name, n.id
  LIMIT $first
  RETURN collect(n {.*}) AS items
}
WITH i, total, items
ORDER BY i
RETURN collect({total: total, items: items}) AS answer
