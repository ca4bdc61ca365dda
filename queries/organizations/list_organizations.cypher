// Which organizations has this store held, deleted ones included? A page by id.
MATCH (o:Organization)
WHERE o.id > $after
WITH o
ORDER BY o.id
LIMIT $first
RETURN collect(o.id) AS answer
