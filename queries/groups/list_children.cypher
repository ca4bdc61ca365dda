// Which groups are right below these? One page by name for each.
// Starts from the index on Group.parent_id.
UNWIND range(0, size($ids) - 1) AS i
CALL (i) {
  MATCH (g:Group {parent_id: $ids[i]})
  WITH g
  ORDER BY g.name, g.id
  WITH collect(g {.*}) AS found
  RETURN size(found) AS total,
    [g IN found WHERE $after_name IS NULL OR g.name > $after_name
      OR (g.name = $after_name AND g.id > $after_id)][..$first] AS items
}
WITH i, total, items
ORDER BY i
RETURN collect({total: total, items: items}) AS answer
