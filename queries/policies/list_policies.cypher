// Which policies are bound in these subtrees? One page by name for each list of scopes, none inside another.
// A whole organization is read in the order of its index on name, until the page is full; any
// other subtree is walked.
UNWIND range(0, size($scopes) - 1) AS i
CALL (i) {
  UNWIND $scopes[i] AS scope
  CALL (scope) {
    MATCH (p:Policy)
    WHERE p.org = scope AND ($name IS NULL OR p.name CONTAINS $name)
    RETURN count(p) AS found
    UNION ALL
    MATCH (top:Group {id: scope})-[:PARENT_OF*0..]->(g:Group)
    WHERE top.parent_id IS NOT NULL
    MATCH (p:Policy {group_id: g.id})
    WHERE $name IS NULL OR p.name CONTAINS $name
    RETURN count(p) AS found
  }
  RETURN sum(found) AS total
}
CALL (i) {
  UNWIND $scopes[i] AS scope
  CALL (scope) {
    MATCH (p:Policy)
    WHERE p.org = scope AND p.name >= coalesce($after_name, '')
      AND ($name IS NULL OR p.name CONTAINS $name)
      AND ($after_name IS NULL OR p.name > $after_name OR p.id > $after_id)
    RETURN p
    ORDER BY p.org, p.name, p.id
    LIMIT $first
    UNION ALL
    MATCH (top:Group {id: scope})-[:PARENT_OF*0..]->(g:Group)
    WHERE top.parent_id IS NOT NULL
    MATCH (p:Policy {group_id: g.id})
    WHERE ($name IS NULL OR p.name CONTAINS $name)
      AND ($after_name IS NULL OR p.name > $after_name
        OR (p.name = $after_name AND p.id > $after_id))
    RETURN p
    ORDER BY p.name, p.id
    LIMIT $first
  }
  WITH p
  ORDER BY p.name, p.id
  LIMIT $first
  MATCH (v:PolicyVersion {id: p.version_id})
  WITH p, v
  ORDER BY p.name, p.id
  RETURN collect(p {.*, version: v {.id, .org, .policy_id, .number, .mode, .images, .created_at, .created_by}}) AS items
}
WITH i, total, items
ORDER BY i
RETURN collect({total: total, items: items}) AS answer
