// What are these clusters? Starts from the unique index on Cluster.id.
UNWIND $ids AS id
MATCH (c:Cluster {id: id})
RETURN collect(c {.*}) AS answer
