// How many organizations has this store ever held? Deleted ones count. From the store's counters.
MATCH (o:Organization)
RETURN count(o) AS answer
