// Remove these groups, all but roots, with their edges.
UNWIND $ids AS id
MATCH (g:Group {id: id})
DETACH DELETE g
RETURN count(id) AS answer
