// Forget what these changes are about, so many at a time: a large delete is about very much.
UNWIND $change_ids AS change_id
MATCH (s:ChangeSubject {change_id: change_id})
WITH s, change_id
LIMIT $most
DELETE s
RETURN count(change_id) AS answer
