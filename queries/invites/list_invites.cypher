// Which invites are in these subtrees? One page by id, of a list of scopes, none inside another.
// Of a whole organization they are found by the index on Invite.org; any other subtree is walked.
CALL () {
  UNWIND $scopes AS scope
  CALL (scope) {
    MATCH (i:Invite {org: scope})
    RETURN count(i) AS found
    UNION ALL
    MATCH (top:Group {id: scope})-[:PARENT_OF*0..]->(g:Group)
    WHERE top.parent_id IS NOT NULL
    MATCH (i:Invite {group_id: g.id})
    RETURN count(i) AS found
  }
  RETURN sum(found) AS total
}
CALL () {
  UNWIND $scopes AS scope
  CALL (scope) {
    MATCH (i:Invite {org: scope})
    WHERE $after_id IS NULL OR i.id > $after_id
    RETURN i
    ORDER BY i.id
    LIMIT $first
    UNION ALL
    MATCH (top:Group {id: scope})-[:PARENT_OF*0..]->(g:Group)
    WHERE top.parent_id IS NOT NULL
    MATCH (i:Invite {group_id: g.id})
    WHERE $after_id IS NULL OR i.id > $after_id
    RETURN i
    ORDER BY i.id
    LIMIT $first
  }
  WITH i
  ORDER BY i.id
  LIMIT $first
  RETURN collect(i {.*}) AS items
}
RETURN {total: total, items: items} AS answer
