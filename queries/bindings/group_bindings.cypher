// Who is bound to these groups themselves?
// From the group on: from its users, the embedded store would look at every user there is.
UNWIND $groups AS id
MATCH (:Group {id: id})<-[b:BOUND_TO]-(u:User)
WITH b {.*} AS binding, u {.*} AS user
RETURN collect({binding: binding, user: user}) AS answer
