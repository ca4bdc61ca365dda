// Which changes of an organization were made before an instant, the oldest first? Starts from the
// index on Change.org_at, of which both ends name the organization.
MATCH (c:Change)
WHERE c.org_at >= $since AND c.org_at < $until
WITH c
ORDER BY c.revision
LIMIT $first
RETURN collect(c {.*}) AS answer
