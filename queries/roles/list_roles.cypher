// Which roles are in these subtrees, none inside another? One page by name.
// A whole organization is read by its index, any other subtree is walked: roles are few.
CALL () {
  UNWIND $scopes AS scope
  CALL (scope) {
    MATCH (r:Role {org: scope})
    RETURN r
    UNION ALL
    MATCH (top:Group {id: scope})-[:PARENT_OF*0..]->(g:Group)
    WHERE top.parent_id IS NOT NULL
    MATCH (r:Role {group_id: g.id})
    RETURN r
  }
  WITH r
  WHERE $name IS NULL OR r.name CONTAINS $name
  WITH r
  ORDER BY r.name, r.id
  RETURN collect(r {.*}) AS found
}
RETURN {total: size(found),
  items: [r IN found WHERE $after_name IS NULL OR r.name > $after_name
    OR (r.name = $after_name AND r.id > $after_id)][..$first]} AS answer
