// Take these groups from below their parents.
UNWIND $ids AS id
MATCH (g:Group {id: id})<-[edge:PARENT_OF]-(:Group)
DELETE edge
RETURN count(edge) AS answer
