// Which clusters are in these subtrees? One page by name for each list of scopes, none inside another.
// A whole organization is read in the order of its index on name, until the page is full; any
// other subtree is walked.
UNWIND range(0, size($scopes) - 1) AS i
CALL (i) {
  UNWIND $scopes[i] AS scope
  CALL (scope) {
    MATCH (c:Cluster)
    WHERE c.org = scope AND ($name IS NULL OR c.name CONTAINS $name)
    RETURN count(c) AS found
    UNION ALL
    MATCH (top:Group {id: scope})-[:PARENT_OF*0..]->(g:Group)
    WHERE top.parent_id IS NOT NULL
    MATCH (c:Cluster {group_id: g.id})
    WHERE $name IS NULL OR c.name CONTAINS $name
    RETURN count(c) AS found
  }
  RETURN sum(found) AS total
}
CALL (i) {
  UNWIND $scopes[i] AS scope
  CALL (scope) {
    MATCH (c:Cluster)
    WHERE c.org = scope AND c.name >= coalesce($after_name, '')
      AND ($name IS NULL OR c.name CONTAINS $name)
      AND ($after_name IS NULL OR c.name > $after_name OR c.id > $after_id)
    RETURN c
    ORDER BY c.org, c.name, c.id
    LIMIT $first
    UNION ALL
    MATCH (top:Group {id: scope})-[:PARENT_OF*0..]->(g:Group)
    WHERE top.parent_id IS NOT NULL
    MATCH (c:Cluster {group_id: g.id})
    WHERE ($name IS NULL OR c.name CONTAINS $name)
      AND ($after_name IS NULL OR c.name > $after_name
        OR (c.name = $after_name AND c.id > $after_id))
    RETURN c
    ORDER BY c.name, c.id
    LIMIT $first
  }
  WITH c
  ORDER BY c.name, c.id
  LIMIT $first
  RETURN collect(c {.*}) AS items
}
WITH i, total, items
ORDER BY i
RETURN collect({total: total, items: items}) AS answer
