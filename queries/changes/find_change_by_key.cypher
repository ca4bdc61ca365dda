// Which change did this actor make under this key? Starts from the unique index on both.
MATCH (c:Change {actor_key: $actor_key})
RETURN collect(c {.*}) AS answer
