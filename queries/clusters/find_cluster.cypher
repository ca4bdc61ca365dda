// Which cluster of this group has this name? Starts from the unique index on both.
MATCH (c:Cluster {group_id: $group_id, name: $name})
RETURN collect(c {.*}) AS answer
