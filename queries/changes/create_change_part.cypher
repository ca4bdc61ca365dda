// Keep a stretch of a change's states; a large delete has many.
CREATE (p:ChangePart {id: $id})
SET p.change_id = $change_id, p.number = $number, p.edits = $edits
RETURN count(p) AS answer
