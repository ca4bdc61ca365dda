// What did this change record? Starts from the unique index on Change.id.
MATCH (c:Change {id: $id})
RETURN collect(c {.*}) AS answer
