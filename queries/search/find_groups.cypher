// Which groups in these subtrees have a name that starts with this text?
UNWIND $scopes AS scope
MATCH (:Group {id: scope})-[:PARENT_OF*0..]->(g:Group)
WHERE g.name STARTS WITH $text
RETURN collect(DISTINCT {kind: 'group', id: g.id, name: g.name, group_id: g.id}) AS answer
