// Which changes did this actor make in this organization, the newest first? Starts from the index on
// (Change.org_actor, Change.revision), which Neo4j uses where both are asked for.
CALL () {
  MATCH (c:Change {org_actor: $org_actor})
  WHERE c.revision > 0 AND ($kind IS NULL OR c.kind = $kind) AND c.at >= $since AND c.at < $until
  RETURN count(c) AS total
}
CALL () {
  MATCH (c:Change)
  WHERE c.org_actor = $org_actor AND c.revision < coalesce($before, 9007199254740992)
    AND ($kind IS NULL OR c.kind = $kind) AND c.at >= $since AND c.at < $until
  WITH c
  ORDER BY c.org_actor DESC, c.revision DESC
  LIMIT $first
  RETURN collect(c {.*}) AS items
}
RETURN {total: total, items: items} AS answer
