// Which changes did this organization see between two instants, the newest first? Starts from the
// index on Change.org_at, of which both ends name the organization.
CALL () {
  MATCH (c:Change)
  WHERE c.org_at >= $since AND c.org_at < $until
  RETURN count(c) AS total
}
CALL () {
  MATCH (c:Change)
  WHERE c.org_at >= $since AND c.org_at < $until
    AND c.revision < coalesce($before, 9007199254740992)
  WITH c
  ORDER BY c.revision DESC
  LIMIT $first
  RETURN collect(c {.*}) AS items
}
RETURN {total: total, items: items} AS answer
