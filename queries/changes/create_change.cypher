// Append the record of one write to its organization's changes.
CREATE (c:Change {id: $row.id})
SET c += $row
RETURN count(c) AS answer
