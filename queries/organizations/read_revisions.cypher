// At which revision are these organizations? Starts from the unique index on Organization.id.
UNWIND $orgs AS org
MATCH (o:Organization {id: org})
RETURN collect({org: o.id, epoch: o.epoch, revision: o.revision}) AS answer
