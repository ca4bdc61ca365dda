// Which identities are in these subtrees? One page by name for each list of scopes, none inside another.
// A whole organization is read in the order of its index on name, until the page is full; any
// other subtree is walked.
UNWIND range(0, size($scopes) - 1) AS i
CALL (i) {
  UNWIND $scopes[i] AS scope
  CALL (scope) {
    MATCH (n:Identity)
    WHERE n.org = scope AND ($name IS NULL OR n.name CONTAINS $name)
    RETURN count(n) AS found
    UNION ALL
    MATCH (top:Group {id: scope})-[:PARENT_OF*0..]->(g:Group)
    WHERE top.parent_id IS NOT NULL
    MATCH (n:Identity {group_id: g.id})
    WHERE $name IS NULL OR n.name CONTAINS $name
    RETURN count(n) AS found
  }
  RETURN sum(found) AS total
}
CALL (i) {
  UNWIND $scopes[i] AS scope
  CALL (scope) {
    MATCH (n:Identity)
    WHERE n.org = scope AND n.name >= coalesce($after_name, '')
      AND ($name IS NULL OR n.name CONTAINS $name)
      AND ($after_name IS NULL OR n.name > $after_name OR n.id > $after_id)
    RETURN n
    ORDER BY n.org, n.name, n.id
    LIMIT $first
    UNION ALL
    MATCH (top:Group {id: scope})-[:PARENT_OF*0..]->(g:Group)
    WHERE top.parent_id IS NOT NULL
    MATCH (n:Identity {group_id: g.id})
    WHERE ($name IS NULL OR n.name CONTAINS $name)
      AND ($after_name IS NULL OR n.name > $after_name
        OR (n.name = $after_name AND n.id > $after_id))
    RETURN n
    ORDER BY n.name, n.id
    LIMIT $first
  }
  WITH n
  ORDER BY n.name, n.id
  LIMIT $first
  RETURN collect(n {.*}) AS items
}
WITH i, total, items
ORDER BY i
RETURN collect({total: total, items: items}) AS answer
