// Which groups lie between these groups and their roots, themselves included?
// The walk stops below the root, which is found by its id: a root with 50,000 users bound to it
// would otherwise be searched for a parent among all of its edges.
UNWIND $ids AS id
MATCH (:Group {id: id}) (()<-[:PARENT_OF]-(up:Group WHERE up.parent_id IS NOT NULL))* (a:Group)
WITH collect(DISTINCT a {.id, .org, .parent_id, .name}) AS below, collect(DISTINCT a.org) AS orgs
CALL (orgs) {
  UNWIND orgs AS org
  MATCH (o:Organization {id: org})
  RETURN collect(o {.id, .org, .parent_id, .name}) AS roots
}
RETURN below + roots AS answer
