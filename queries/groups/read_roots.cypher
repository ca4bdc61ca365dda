// What are the roots of these organizations called?
UNWIND $orgs AS org
MATCH (o:Organization {id: org})
WHERE o.name IS NOT NULL
RETURN collect(o {.id, .org, .parent_id, .name}) AS answer
