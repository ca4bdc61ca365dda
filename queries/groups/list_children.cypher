// Which groups are right below these? One page by name for each, read in the order of the index
// on (Group.name_scope, Group.name): the scope of a group's name is its parent.
UNWIND range(0, size($ids) - 1) AS i
CALL (i) {
  MATCH (g:Group {parent_id: $ids[i]})
  RETURN count(g) AS total
}
CALL (i) {
  MATCH (g:Group)
  WHERE g.name_scope = $ids[i] AND g.name >= coalesce($after_name, '')
    AND ($after_name IS NULL OR g.name > $after_name OR g.id > $after_id)
  WITH g
  ORDER BY g.name_scope, g.name, g.id
  LIMIT $first
  RETURN collect(g {.*}) AS items
}
WITH i, total, items
ORDER BY i
RETURN collect({total: total, items: items}) AS answer
