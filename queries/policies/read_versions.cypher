// What are these versions, documents included? Starts from the unique index on PolicyVersion.id.
UNWIND $ids AS id
MATCH (v:PolicyVersion {id: id})
RETURN collect(v {.*}) AS answer
