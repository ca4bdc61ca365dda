// Which states did this change record, in order? Starts from the index on ChangePart.change_id.
MATCH (p:ChangePart {change_id: $change_id})
WITH p
ORDER BY p.number
RETURN collect(p.edits) AS answer
