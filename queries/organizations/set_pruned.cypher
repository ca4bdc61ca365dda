// Note up to where an organization's changes are kept no more. Takes its write lock on Neo4j.
MATCH (o:Organization {id: $org})
SET o.pruned_revision = $revision, o.pruned_at = $at
RETURN count(o) AS answer
