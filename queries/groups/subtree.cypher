// Which groups are in these subtrees, whole?
UNWIND $ids AS id
MATCH (:Group {id: id})-[:PARENT_OF*0..]->(g:Group)
RETURN collect(DISTINCT g {.*}) AS answer
