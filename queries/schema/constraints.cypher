// Unique ids, unique names among siblings, and what the hot questions look up. Applied at each start.
CREATE CONSTRAINT store_id IF NOT EXISTS FOR (n:Store) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT organization_id IF NOT EXISTS FOR (n:Organization) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT group_id IF NOT EXISTS FOR (n:Group) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT group_name IF NOT EXISTS FOR (n:Group) REQUIRE (n.name_scope, n.name) IS UNIQUE;
CREATE CONSTRAINT cluster_id IF NOT EXISTS FOR (n:Cluster) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT cluster_name IF NOT EXISTS FOR (n:Cluster) REQUIRE (n.group_id, n.name) IS UNIQUE;
CREATE CONSTRAINT policy_id IF NOT EXISTS FOR (n:Policy) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT policy_name IF NOT EXISTS FOR (n:Policy) REQUIRE (n.group_id, n.name) IS UNIQUE;
CREATE CONSTRAINT version_id IF NOT EXISTS FOR (n:PolicyVersion) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT user_id IF NOT EXISTS FOR (n:User) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT change_id IF NOT EXISTS FOR (n:Change) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT change_revision IF NOT EXISTS FOR (n:Change) REQUIRE n.org_revision IS UNIQUE;
CREATE CONSTRAINT change_key IF NOT EXISTS FOR (n:Change) REQUIRE n.actor_key IS UNIQUE;
CREATE CONSTRAINT change_part IF NOT EXISTS FOR (n:ChangePart) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT telemetry_id IF NOT EXISTS FOR (n:Telemetry) REQUIRE n.id IS UNIQUE;
CREATE INDEX group_org IF NOT EXISTS FOR (n:Group) ON (n.org);
CREATE INDEX group_name_in_org IF NOT EXISTS FOR (n:Group) ON (n.org, n.name);
CREATE INDEX group_parent IF NOT EXISTS FOR (n:Group) ON (n.parent_id);
CREATE INDEX group_name_in_parent IF NOT EXISTS FOR (n:Group) ON (n.parent_id, n.name);
CREATE INDEX cluster_org IF NOT EXISTS FOR (n:Cluster) ON (n.org);
CREATE INDEX cluster_name_in_org IF NOT EXISTS FOR (n:Cluster) ON (n.org, n.name);
CREATE INDEX cluster_group IF NOT EXISTS FOR (n:Cluster) ON (n.group_id);
CREATE INDEX policy_org IF NOT EXISTS FOR (n:Policy) ON (n.org);
CREATE INDEX policy_name_in_org IF NOT EXISTS FOR (n:Policy) ON (n.org, n.name);
CREATE INDEX policy_group IF NOT EXISTS FOR (n:Policy) ON (n.group_id);
CREATE INDEX version_org IF NOT EXISTS FOR (n:PolicyVersion) ON (n.org);
CREATE INDEX version_policy IF NOT EXISTS FOR (n:PolicyVersion) ON (n.policy_id);
CREATE INDEX change_org IF NOT EXISTS FOR (n:Change) ON (n.org);
CREATE INDEX change_revision_in_org IF NOT EXISTS FOR (n:Change) ON (n.org, n.revision);
CREATE INDEX change_part_of IF NOT EXISTS FOR (n:ChangePart) ON (n.change_id);
// An organization is also a group. The embedded store makes a kind of node for both labels when first
// it meets one, and refuses the second of two that are the first at once: so it meets one here.
CREATE (n:Group:Organization) DELETE n;
