// Forget the states that these changes recorded.
UNWIND $change_ids AS change_id
MATCH (p:ChangePart {change_id: change_id})
DELETE p
RETURN count(change_id) AS answer
