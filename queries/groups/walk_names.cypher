// Which groups do these names lead to, from this group down? Eight levels a step.
// Starts from the unique index on (Group.name_scope, Group.name), once a level.
OPTIONAL MATCH (a:Group {name_scope: $start, name: $names[0]})
OPTIONAL MATCH (b:Group {name_scope: a.id, name: $names[1]})
OPTIONAL MATCH (c:Group {name_scope: b.id, name: $names[2]})
OPTIONAL MATCH (d:Group {name_scope: c.id, name: $names[3]})
OPTIONAL MATCH (e:Group {name_scope: d.id, name: $names[4]})
OPTIONAL MATCH (f:Group {name_scope: e.id, name: $names[5]})
OPTIONAL MATCH (g:Group {name_scope: f.id, name: $names[6]})
OPTIONAL MATCH (h:Group {name_scope: g.id, name: $names[7]})
RETURN [id IN [a.id, b.id, c.id, d.id, e.id, f.id, g.id, h.id] WHERE id IS NOT NULL] AS answer
