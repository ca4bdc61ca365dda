// Which changes of this kind did this organization see, the newest first? Starts from the index on
// (Change.org_kind, Change.revision), which Neo4j uses where both are asked for.
CALL () {
  MATCH (c:Change {org_kind: $org_kind})
  WHERE c.revision > 0 AND c.at >= $since AND c.at < $until
  RETURN count(c) AS total
}
CALL () {
  MATCH (c:Change)
  WHERE c.org_kind = $org_kind AND c.revision < coalesce($before, 9007199254740992)
    AND c.at >= $since AND c.at < $until
  WITH c
  ORDER BY c.org_kind DESC, c.revision DESC
  LIMIT $first
  RETURN collect(c {.*}) AS items
}
RETURN {total: total, items: items} AS answer
