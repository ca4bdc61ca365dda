// Remove these bindings. A binding is found through its user.
UNWIND $rows AS row
MATCH (:User {id: row.user_id})-[b:BOUND_TO {id: row.id}]->(:Group)
DELETE b
RETURN count(row) AS answer
