// Which clusters in these subtrees, none inside another, have a name that starts with this text?
// Of a whole organization the index on name knows; any other subtree is walked.
UNWIND $scopes AS scope
CALL (scope) {
  MATCH (n:Cluster)
  WHERE n.org = scope AND n.name STARTS WITH $text
  RETURN n
  UNION ALL
  MATCH (top:Group {id: scope})-[:PARENT_OF*0..]->(g:Group)
  WHERE top.parent_id IS NOT NULL
  MATCH (n:Cluster {group_id: g.id})
  WHERE n.name STARTS WITH $text
  RETURN n
}
RETURN collect({kind: 'cluster', id: n.id, name: n.name, group_id: n.group_id}) AS answer
