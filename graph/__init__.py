"""Everything that knows the policy graph, and nothing of HTTP.

- the store: `opening` (embedded or by URI), `session` (Bolt), `migrations`, `embedded…`
- the two ways in: `engine` (consistent reads; the one path of every write), with `snapshot` (what a
  caller sees), `commits`, `edits` (states into nodes and edges), `changes`, `invariants`
- the semantics, pure: `rights`, `forest`, `effective`, `membership`
- the use cases: `groups`, `clusters`, `policies`, `bindings`, `users`, `restoring`, `loading`,
  `nodes`, `search`, `reach`, `impact`, `comparing`, `connecting`
- the organization file, read without a graph: `organization_file` (the way in),
  `organization_yaml`, `organization_checks`, `organization_reader` (with `…_people`, `…_policies`,
  `…_clusters`), `organization_entries` (what comes out)
- what they share: `refs`, `lookup`, `placed`, `placement`, `subtrees`, `paging`, `names`, `ids`,
  `errors`, `clock`, `telemetry`, `signed_in`
"""
