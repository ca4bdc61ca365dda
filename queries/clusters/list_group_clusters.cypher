// Which clusters are bound to these groups themselves? One page by name for each, read in the
// order of the index on (Cluster.group_id, Cluster.name).
UNWIND range(0, size($ids) - 1) AS i
CALL (i) {
  MATCH (c:Cluster {group_id: $ids[i]})
  RETURN count(c) AS total
}
CALL (i) {
  MATCH (c:Cluster)
  WHERE c.group_id = $ids[i] AND c.name >= coalesce($after_name, '')
    AND ($after_name IS NULL OR c.name > $after_name OR c.id > $after_id)
  WITH c
  ORDER BY c.group_id, c.name, c.id
  LIMIT $first
  RETURN collect(c {.*}) AS items
}
WITH i, total, items
ORDER BY i
RETURN collect({total: total, items: items}) AS answer
