// Note what a change is about, so that it is found by each of these things.
UNWIND $org_subjects AS org_subject
CREATE (s:ChangeSubject {org_subject: org_subject, revision: $revision, at: $at,
  change_id: $change_id})
RETURN count(s) AS answer
