// Which users are bound in these subtrees or at these groups above them? One page by id.
CALL () {
  UNWIND $scopes AS scope
  MATCH (:Group {id: scope})-[:PARENT_OF*0..]->(g:Group)
  RETURN g
  UNION
  UNWIND $above AS id
  MATCH (g:Group {id: id})
  RETURN g
}
MATCH (u:User)-[:BOUND_TO]->(g)
WITH DISTINCT u
WHERE $name IS NULL OR u.email CONTAINS $name OR u.display_name CONTAINS $name
  OR u.subject CONTAINS $name
WITH u
ORDER BY u.id
WITH collect(u {.*}) AS found
RETURN {total: size(found),
  items: [u IN found WHERE $after_id IS NULL OR u.id > $after_id][..$first]} AS answer
