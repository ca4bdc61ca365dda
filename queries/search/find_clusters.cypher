// Which clusters in these subtrees have a name that starts with this text?
UNWIND $scopes AS scope
MATCH (:Group {id: scope})-[:PARENT_OF*0..]->(g:Group)
WITH DISTINCT g.id AS group_id
MATCH (n:Cluster {group_id: group_id})
WHERE n.name STARTS WITH $text
RETURN collect({kind: 'cluster', id: n.id, name: n.name, group_id: group_id}) AS answer
