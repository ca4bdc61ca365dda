// Which changes did this organization see, the newest first? Starts from the index on Change.org.
CALL () {
  MATCH (c:Change {org: $org})
  RETURN count(c) AS total
}
CALL () {
  MATCH (c:Change {org: $org})
  WHERE $before IS NULL OR c.revision < $before
  WITH c
  ORDER BY c.revision DESC
  LIMIT $first
  RETURN collect(c {.*}) AS items
}
RETURN {total: total, items: items} AS answer
