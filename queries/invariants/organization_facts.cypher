// At which revision is this organization, and which revisions have a whole change?
MATCH (o:Organization {id: $org})
CALL (o) {
  MATCH (c:Change {org: o.id})
  RETURN collect({id: c.id, revision: c.revision, parts: c.parts}) AS changes
}
RETURN collect({org: o.id, name: o.name, revision: o.revision, changes: changes}) AS answer
