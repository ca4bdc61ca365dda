// Which role of this group has this name? Starts from the unique index on both.
MATCH (r:Role {group_id: $group_id, name: $name})
RETURN collect(r {.*}) AS answer
