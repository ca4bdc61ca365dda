// Which groups are in these subtrees? One page by name for each list of scopes, none inside another.
// A whole organization is read in the order of its index on name, until the page is full; any
// other subtree is walked.
UNWIND range(0, size($scopes) - 1) AS i
CALL (i) {
  UNWIND $scopes[i] AS scope
  CALL (i, scope) {
    MATCH (g:Group)
    WHERE g.org = scope AND ($name IS NULL OR g.name CONTAINS $name)
      AND ($omit IS NULL OR g.id <> $omit[i])
    RETURN count(g) AS found
    UNION ALL
    MATCH (top:Group {id: scope})-[:PARENT_OF*0..]->(g:Group)
    WHERE top.parent_id IS NOT NULL AND ($name IS NULL OR g.name CONTAINS $name)
      AND ($omit IS NULL OR g.id <> $omit[i])
    RETURN count(g) AS found
  }
  RETURN sum(found) AS total
}
CALL (i) {
  UNWIND $scopes[i] AS scope
  CALL (i, scope) {
    MATCH (g:Group)
    WHERE g.org = scope AND g.name >= coalesce($after_name, '')
      AND ($name IS NULL OR g.name CONTAINS $name) AND ($omit IS NULL OR g.id <> $omit[i])
      AND ($after_name IS NULL OR g.name > $after_name OR g.id > $after_id)
    RETURN g
    ORDER BY g.org, g.name, g.id
    LIMIT $first
    UNION ALL
    MATCH (top:Group {id: scope})-[:PARENT_OF*0..]->(g:Group)
    WHERE top.parent_id IS NOT NULL
      AND ($name IS NULL OR g.name CONTAINS $name) AND ($omit IS NULL OR g.id <> $omit[i])
      AND ($after_name IS NULL OR g.name > $after_name
        OR (g.name = $after_name AND g.id > $after_id))
    RETURN g
    ORDER BY g.name, g.id
    LIMIT $first
  }
  WITH g
  ORDER BY g.name, g.id
  LIMIT $first
  RETURN collect(g {.*}) AS items
}
WITH i, total, items
ORDER BY i
RETURN collect({total: total, items: items}) AS answer
