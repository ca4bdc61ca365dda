// Which groups in these subtrees, none inside another, have a name that starts with this text?
// Of a whole organization the index on name knows; any other subtree is walked.
UNWIND $scopes AS scope
CALL (scope) {
  MATCH (n:Group)
  WHERE n.org = scope AND n.name STARTS WITH $text
  RETURN n
  UNION ALL
  MATCH (top:Group {id: scope})-[:PARENT_OF*0..]->(n:Group)
  WHERE top.parent_id IS NOT NULL AND n.name STARTS WITH $text
  RETURN n
}
RETURN collect({kind: 'group', id: n.id, name: n.name, group_id: n.id}) AS answer
