// Set what these bindings grant. A binding is found through its user.
UNWIND $rows AS row
MATCH (:User {id: row.user_id})-[b:BOUND_TO {id: row.id}]->(:Group)
SET b += row
RETURN count(b) AS answer
