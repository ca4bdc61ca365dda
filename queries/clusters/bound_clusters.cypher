// Which clusters are bound to these groups, whole?
UNWIND $groups AS group_id
MATCH (c:Cluster {group_id: group_id})
RETURN collect(c {.*}) AS answer
