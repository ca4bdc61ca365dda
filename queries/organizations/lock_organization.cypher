// Take the organization's write lock and the next revision, in one step.
// Nothing when there is no such organization; a deleted one answers, so that it can be restored.
MATCH (o:Organization {id: $org})
SET o.revision = o.revision + 1
RETURN collect({org: o.id, epoch: o.epoch, revision: o.revision}) AS answer
