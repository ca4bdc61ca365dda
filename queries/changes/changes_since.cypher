// Which changes wrote any of these things after an instant? Starts from the index on
// (ChangeSubject.org_subject, ChangeSubject.revision), which Neo4j uses where both are asked for.
UNWIND $org_subjects AS org_subject
MATCH (s:ChangeSubject {org_subject: org_subject})
WHERE s.revision > 0 AND s.at > $after
MATCH (c:Change {id: s.change_id})
WITH DISTINCT c
RETURN collect(c {.*}) AS answer
