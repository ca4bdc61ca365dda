// Which changes of this organization wrote this thing, the newest first? Starts from the index on
// (ChangeSubject.org_subject, ChangeSubject.revision), which Neo4j uses where both are asked for.
CALL () {
  MATCH (s:ChangeSubject {org_subject: $org_subject})
  WHERE s.revision > 0 AND s.at >= $since AND s.at < $until
  MATCH (c:Change {id: s.change_id})
  WHERE ($actor IS NULL OR c.actor = $actor) AND ($kind IS NULL OR c.kind = $kind)
  RETURN count(c) AS total
}
CALL () {
  MATCH (s:ChangeSubject)
  WHERE s.org_subject = $org_subject AND s.revision < coalesce($before, 9007199254740992)
    AND s.at >= $since AND s.at < $until
  MATCH (c:Change {id: s.change_id})
  WHERE ($actor IS NULL OR c.actor = $actor) AND ($kind IS NULL OR c.kind = $kind)
  WITH s, c
  ORDER BY s.org_subject DESC, s.revision DESC
  LIMIT $first
  RETURN collect(c {.*}) AS items
}
RETURN {total: total, items: items} AS answer
