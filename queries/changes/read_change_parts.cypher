// Which states did these changes record? Starts from the index on ChangePart.change_id.
UNWIND $change_ids AS change_id
MATCH (p:ChangePart {change_id: change_id})
RETURN collect(p {.change_id, .number, .edits}) AS answer
