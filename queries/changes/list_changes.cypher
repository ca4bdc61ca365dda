// Which changes did this organization see, the newest first? Read in the order of the index on
// (Change.org, Change.revision); revisions are below 2^53.
CALL () {
  MATCH (c:Change {org: $org})
  RETURN count(c) AS total
}
CALL () {
  MATCH (c:Change)
  WHERE c.org = $org AND c.revision < coalesce($before, 9007199254740992)
  WITH c
  ORDER BY c.org DESC, c.revision DESC
  LIMIT $first
  RETURN collect(c {.*}) AS items
}
RETURN {total: total, items: items} AS answer
