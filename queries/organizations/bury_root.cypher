// Leave of a deleted organization its node, revision and changes, and who owned it last.
UNWIND $rows AS row
MATCH (o:Organization {id: row.id})
REMOVE o:Group
SET o.last_name = o.name, o.name = null, o.name_scope = null, o.org = null
RETURN count(o) AS answer
