// Make these groups, all but roots; edges come next, when every parent is there.
UNWIND $rows AS row
CREATE (g:Group {id: row.id})
SET g += row
RETURN count(g) AS answer
