// Which users are bound in these subtrees, as what? One page by id for each list of scopes.
UNWIND range(0, size($scopes) - 1) AS i
CALL (i) {
  UNWIND $scopes[i] AS scope
  MATCH (:Group {id: scope})-[:PARENT_OF*0..]->(g:Group)
  MATCH (u:User)-[b:BOUND_TO]->(g)
  WHERE ($role IS NULL OR b.role = $role) AND ($user IS NULL OR u.id = $user)
  WITH b {.*} AS binding, u {.*} AS user
  ORDER BY binding.id
  WITH collect({binding: binding, user: user}) AS found
  RETURN size(found) AS total,
    [row IN found WHERE $after_id IS NULL OR row.binding.id > $after_id][..$first] AS items
}
WITH i, total, items
ORDER BY i
RETURN collect({total: total, items: items}) AS answer
