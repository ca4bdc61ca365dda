// Which invite has the code with this public key id? Starts from the unique index on Invite.key_id.
MATCH (i:Invite {key_id: $key_id})
RETURN collect(i {.*}) AS answer
