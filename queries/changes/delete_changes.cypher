// Forget these changes, and with them their idempotency keys.
UNWIND $ids AS id
MATCH (c:Change {id: id})
DELETE c
RETURN count(id) AS answer
