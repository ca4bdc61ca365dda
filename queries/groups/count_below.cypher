// How much is in the subtrees of these groups, themselves included?
// From the group on: from its users, the embedded store would look at every user there is.
UNWIND range(0, size($ids) - 1) AS i
CALL (i) {
  MATCH (:Group {id: $ids[i]})-[:PARENT_OF*0..]->(g:Group)
  RETURN collect(g.id) AS groups
}
CALL (groups) {
  UNWIND groups AS id
  MATCH (c:Cluster {group_id: id})
  RETURN count(c) AS clusters
}
CALL (groups) {
  UNWIND groups AS id
  MATCH (p:Policy {group_id: id})
  RETURN count(p) AS policies
}
CALL (groups) {
  UNWIND groups AS id
  MATCH (:Group {id: id})<-[:BOUND_TO]-(u:User)
  RETURN count(DISTINCT u) AS users
}
WITH i, groups, clusters, policies, users
ORDER BY i
RETURN collect({groups: size(groups), clusters: clusters, policies: policies, users: users}) AS answer
