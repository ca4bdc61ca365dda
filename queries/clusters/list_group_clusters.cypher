// Which clusters are bound to these groups themselves? One page by name for each.
UNWIND range(0, size($ids) - 1) AS i
CALL (i) {
  MATCH (c:Cluster {group_id: $ids[i]})
  WITH c
  ORDER BY c.name, c.id
  WITH collect(c {.*}) AS found
  RETURN size(found) AS total,
    [c IN found WHERE $after_name IS NULL OR c.name > $after_name
      OR (c.name = $after_name AND c.id > $after_id)][..$first] AS items
}
WITH i, total, items
ORDER BY i
RETURN collect({total: total, items: items}) AS answer
