// Which changes did this organization see, the newest first? Starts from the index on Change.org.
MATCH (c:Change {org: $org})
WITH c
ORDER BY c.revision DESC
WITH collect(c {.*}) AS found
RETURN {total: size(found),
  items: [c IN found WHERE $before IS NULL OR c.revision < $before][..$first]} AS answer
