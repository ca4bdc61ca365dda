// What are these groups? Starts from the unique index on Group.id.
UNWIND $ids AS id
MATCH (g:Group {id: id})
RETURN collect(g {.*}) AS answer
