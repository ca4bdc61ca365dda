// When were these clusters last seen? Kept apart from the graph's state: no revision, no change.
UNWIND $rows AS row
MERGE (t:Telemetry {id: row.id})
SET t.last_seen = row.last_seen
RETURN count(t) AS answer
