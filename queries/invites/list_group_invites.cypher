// Which invites are bound to these groups themselves? One page by id for each.
UNWIND range(0, size($ids) - 1) AS n
CALL (n) {
  MATCH (i:Invite {group_id: $ids[n]})
  RETURN count(i) AS total
}
CALL (n) {
  MATCH (i:Invite {group_id: $ids[n]})
  WHERE $after_id IS NULL OR i.id > $after_id
  WITH i
  ORDER BY i.id
  LIMIT $first
  RETURN collect(i {.*}) AS items
}
WITH n, total, items
ORDER BY n
RETURN collect({total: total, items: items}) AS answer
