// Note that the store was migrated.
MATCH (s:Store {id: 'store'})
SET s.schema_version = $schema_version
RETURN count(s) AS answer
