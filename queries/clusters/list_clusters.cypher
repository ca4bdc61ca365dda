// Which clusters are in these subtrees? One page by name for each list of scopes.
// Only what is on the page is read whole.
UNWIND range(0, size($scopes) - 1) AS i
CALL (i) {
  UNWIND $scopes[i] AS scope
  MATCH (:Group {id: scope})-[:PARENT_OF*0..]->(g:Group)
  WITH DISTINCT g.id AS group_id
  MATCH (c:Cluster {group_id: group_id})
  WHERE $name IS NULL OR c.name CONTAINS $name
  WITH c
  ORDER BY c.name, c.id
  WITH collect(c) AS found
  WITH size(found) AS total,
    [c IN found WHERE $after_name IS NULL OR c.name > $after_name
      OR (c.name = $after_name AND c.id > $after_id)][..$first] AS page
  RETURN total, [c IN page | c {.*}] AS items
}
WITH i, total, items
ORDER BY i
RETURN collect({total: total, items: items}) AS answer
