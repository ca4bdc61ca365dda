// Make the node that carries a new organization's revision; its root group is put on it next.
CREATE (o:Group:Organization {id: $org, epoch: $epoch, revision: 1})
RETURN collect({org: o.id, epoch: o.epoch, revision: o.revision}) AS answer
