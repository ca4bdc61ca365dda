// Which groups are in these subtrees? One page by name for each list of scopes.
// Only what is on the page is read whole.
UNWIND range(0, size($scopes) - 1) AS i
CALL (i) {
  UNWIND $scopes[i] AS scope
  MATCH (:Group {id: scope})-[:PARENT_OF*0..]->(g:Group)
  WHERE ($name IS NULL OR g.name CONTAINS $name) AND ($omit IS NULL OR g.id <> $omit[i])
  WITH DISTINCT g
  ORDER BY g.name, g.id
  WITH collect(g) AS found
  WITH size(found) AS total,
    [g IN found WHERE $after_name IS NULL OR g.name > $after_name
      OR (g.name = $after_name AND g.id > $after_id)][..$first] AS page
  RETURN total, [g IN page | g {.*}] AS items
}
WITH i, total, items
ORDER BY i
RETURN collect({total: total, items: items}) AS answer
