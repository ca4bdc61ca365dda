// Which changes of this organization are kept no more: up to which revision, and of which instant?
MATCH (o:Organization {id: $org})
RETURN collect({revision: coalesce(o.pruned_revision, 0), at: o.pruned_at}) AS answer
