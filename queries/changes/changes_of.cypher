// Which changes of this organization wrote this thing? Starts from the index on Change.org.
MATCH (c:Change {org: $org})
WHERE $subject IN c.subjects
RETURN collect(c {.*}) AS answer
