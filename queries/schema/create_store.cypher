// Note the layout of a new store, and the key of its users' ids.
MERGE (s:Store {id: 'store'})
ON CREATE SET s.schema_version = $schema_version, s.user_key = $user_key
RETURN count(s) AS answer
