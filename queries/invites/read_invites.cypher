// What are these invites? Starts from the unique index on Invite.id.
UNWIND $ids AS id
MATCH (i:Invite {id: id})
RETURN collect(i {.*}) AS answer
