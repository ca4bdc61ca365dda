// Which groups are right below these? One page by name for each, read in the order of the index
// on (Group.parent_id, Group.name).
UNWIND range(0, size($ids) - 1) AS i
CALL (i) {
  MATCH (g:Group {parent_id: $ids[i]})
  RETURN count(g) AS total
}
CALL (i) {
  MATCH (g:Group)
  WHERE g.parent_id = $ids[i] AND g.name >= coalesce($after_name, '')
    AND ($after_name IS NULL OR g.name > $after_name OR g.id > $after_id)
  WITH g
  ORDER BY g.parent_id, g.name, g.id
  LIMIT $first
  RETURN collect(g {.*}) AS items
}
WITH i, total, items
ORDER BY i
RETURN collect({total: total, items: items}) AS answer
