// Have the store know that an organization is also a group. The embedded one makes a kind of node for
// two labels when it first meets them, and refuses the second of two writers that both are the first.
CREATE (n:Group:Organization)
DELETE n
RETURN count(*) AS answer
