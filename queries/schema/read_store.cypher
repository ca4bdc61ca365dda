// Which layout does this store have, and by which key are the ids of its users made?
MATCH (s:Store {id: 'store'})
RETURN collect({schema_version: s.schema_version, user_key: s.user_key}) AS answer
