// Which groups do these names lead to, from this group down? Eight levels a step.
// Starts from the unique index on (Group.name_scope, Group.name), once a level. A text
// stands in for what is null: for that, the embedded store would look at every group.
OPTIONAL MATCH (a:Group {name_scope: $start, name: $names[0]})
OPTIONAL MATCH (b:Group {name_scope: coalesce(a.id, ''), name: coalesce($names[1], '')})
OPTIONAL MATCH (c:Group {name_scope: coalesce(b.id, ''), name: coalesce($names[2], '')})
OPTIONAL MATCH (d:Group {name_scope: coalesce(c.id, ''), name: coalesce($names[3], '')})
OPTIONAL MATCH (e:Group {name_scope: coalesce(d.id, ''), name: coalesce($names[4], '')})
OPTIONAL MATCH (f:Group {name_scope: coalesce(e.id, ''), name: coalesce($names[5], '')})
OPTIONAL MATCH (g:Group {name_scope: coalesce(f.id, ''), name: coalesce($names[6], '')})
OPTIONAL MATCH (h:Group {name_scope: coalesce(g.id, ''), name: coalesce($names[7], '')})
RETURN [id IN [a.id, b.id, c.id, d.id, e.id, f.id, g.id, h.id] WHERE id IS NOT NULL] AS answer
