// When were these clusters last seen? Starts from the unique index on Telemetry.id.
UNWIND $ids AS id
MATCH (t:Telemetry {id: id})
RETURN collect({id: t.id, last_seen: t.last_seen}) AS answer
