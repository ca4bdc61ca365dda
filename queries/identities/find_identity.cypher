// Which identity of this group has this name? Starts from the unique index on both.
MATCH (n:Identity {group_id: $group_id, name: $name})
RETURN collect(n {.*}) AS answer
