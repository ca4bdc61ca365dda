// Put these groups below their parents.
UNWIND $rows AS row
MATCH (g:Group {id: row.id})
MATCH (parent:Group {id: row.parent_id})
CREATE (parent)-[:PARENT_OF]->(g)
RETURN count(g) AS answer
