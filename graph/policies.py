"""Policies and their versions: the use cases."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, replace

from graph import changes, documents, effective, lookup, placement
from graph.edits import Edit
from graph.effective import EffectivePolicy
from graph.engine import Graph, Intent, Written
from graph.ids import Kind, new_id
from graph.names import check_description
from graph.paging import PageRequest, Slice, trim
from graph.rights import Capability
from graph.snapshot import Caller, Snapshot, denied, not_found
from policy import PolicyDocument
from queries import policies as queries
from queries.policies import PolicyRow, VersionRow
from queries.states import PolicyState, State, VersionState


async def get_policy(at: Snapshot, *, ref: str) -> PolicyRow:
    """Return one policy, for who may list policies where it is effective."""
    return await lookup.policy(at, ref)


async def list_policies(
    at: Snapshot, *, within: str | None, name: str | None, page: PageRequest
) -> Slice[PolicyRow]:
    """Return the policies that the caller may list, by name; with `within`, of its subtree."""
    place, org = await lookup.limit(at, within)
    scopes = await at.scopes(Capability.POLICY_LIST, place)
    after_name, after_id = page.text_key(2)
    statement = queries.list_policies(
        scopes=[scopes], name=name, after_name=after_name, after_id=after_id, first=page.fetch
    )
    return trim((await at.run(statement))[0], page, org=org)


async def group_policies(
    at: Snapshot, *, groups: Sequence[str], page: PageRequest
) -> list[Slice[PolicyRow]]:
    """Return for each group the policies bound to it; none where the caller may not list them."""
    await at.forest(groups)  # all at once
    listable = [await at.may(Capability.POLICY_LIST, group_id) for group_id in groups]
    name, id_ = page.text_key(2)
    statement = queries.list_group_policies(
        ids=[group_id if may else "" for group_id, may in zip(groups, listable, strict=True)],
        after_name=name,
        after_id=id_,
        first=page.fetch,
    )
    return [trim(answered, page) for answered in await at.run(statement)]


async def effective_policies(
    at: Snapshot, *, groups: Sequence[str], image: str | None = None
) -> list[list[EffectivePolicy]]:
    """Return for each group the policies effective there, from the root down, then by name.

    Needs `policy.list` at each group: an empty answer would read as "no policy applies". With an
    `image`, only those whose globs match it.
    """
    if image is not None:
        documents.check_image(image)
    forest = await at.forest(groups)
    for group_id in groups:
        if not await at.may(Capability.POLICY_LIST, group_id):
            raise denied(Capability.POLICY_LIST, f"group {group_id}")
    above = sorted(frozenset[str]().union(*(forest.ids(group_id) for group_id in groups)))
    bound: dict[str, list[PolicyRow]] = {}
    for policy in await at.run(queries.bound_policies(groups=above)):
        bound.setdefault(policy.group_id, []).append(policy)
    return [
        effective.covering(effective.effective_policies(forest.path(group_id), bound), image)
        for group_id in groups
    ]


async def policy_versions(at: Snapshot, *, policies: Sequence[PolicyRow]) -> list[list[VersionRow]]:
    """Return for each policy its versions, the newest first.

    Who sees the policy only where it rolls down to sees the active version alone.
    """
    rows = await at.run(queries.list_versions(policies=sorted({p.id for p in policies})))
    await at.forest(policy.group_id for policy in policies)  # all at once
    answers: list[list[VersionRow]] = []
    for policy in policies:
        if await at.may(Capability.POLICY_LIST, policy.group_id):
            own = [row for row in rows if row.policy_id == policy.id]
            answers.append(sorted(own, key=lambda row: -row.number))
        else:
            answers.append([policy.version])
    return answers


async def shown_versions(at: Snapshot, *, versions: Sequence[str]) -> list[VersionState]:
    """Return versions that the caller was shown, documents included."""
    shown: list[VersionState] = []
    for id_, found in zip(versions, await lookup.read_versions(at, versions), strict=True):
        if found is None:
            raise not_found(f"version {id_}")
        shown.append(found)
    return shown


async def active_version(
    at: Snapshot, state: PolicyState, edits: Sequence[Edit]
) -> tuple[PolicyRow, VersionState]:
    """Return a policy as a write left it, with the version that it left active.

    Both may be gone since, when a write is repeated under its key; the log has them.
    """
    version: State | None = next(
        (edit.after for edit in edits if edit.subject.id == state.version_id), None
    )
    if version is None:
        (version,) = await lookup.read_versions(at, [state.version_id])
    if version is None:
        version = await changes.last_state(at, state.org, state.version_id)
    if not isinstance(version, VersionState):
        raise not_found(f"policy {state.id}")
    known = {name: getattr(version, name) for name in VersionRow.__dataclass_fields__}
    return PolicyRow(**asdict(state), version=VersionRow(**known)), version


async def apply_policy(
    graph: Graph,
    *,
    caller: Caller,
    group: str,
    document: str,
    description: str | None = None,
    key: str | None = None,
) -> Written:
    """Create the policy that a document names in a group, or make the document its new version.

    A document that is the active one already makes no version. Raises `InvalidInputError` with
    every problem of the document.
    """
    if description is not None:
        check_description(description)
    # A hostile document can take a second; the loop goes on meanwhile.
    parsed = await asyncio.to_thread(
        documents.read_document, document, require_identities=graph.require_identities
    )

    async def plan(at: Snapshot) -> list[Edit]:
        place = await lookup.group(at, group)
        found = await at.run(queries.find_policy(group_id=place.id, name=parsed.name))
        await at.require(
            Capability.POLICY_UPDATE if found else Capability.POLICY_CREATE,
            place.id,
            shown_by=Capability.GROUPS_LIST,
            what=f"group {group[:200]!r}",
        )
        if found:
            return await _plan_version(at, found[0], parsed, description)
        policy_id = new_id(Kind.POLICY)
        version = documents.new_version(at, parsed, org=place.org, policy_id=policy_id, number=1)
        created = PolicyState(
            id=policy_id,
            org=place.org,
            group_id=place.id,
            name=parsed.name,
            description=description or "",
            version_id=version.id,
            created_at=at.now,
            created_by=caller.user_id,
        )
        return [Edit(None, created), Edit(None, version)]

    intent = Intent(
        caller=caller,
        kind="apply_policy",
        input={"group": group, "document": document, "description": description},
        key=key,
    )
    return await graph.change(intent, group, Kind.GROUP, plan)


async def _plan_version(
    at: Snapshot, found: PolicyRow, parsed: PolicyDocument, description: str | None
) -> list[Edit]:
    before = found.state
    described = replace(
        before, description=before.description if description is None else description
    )
    versions = await at.run(queries.list_versions(policies=[found.id]))
    number = max(version.number for version in versions) + 1
    (active,) = await at.run(queries.read_versions(ids=[found.version_id]))
    version = documents.new_version(
        at, parsed, org=found.org, policy_id=found.id, number=number, previous=active
    )
    if (active.document, active.secrets) == (version.document, version.secrets):
        return [Edit(before, described)]
    return [Edit(before, replace(described, version_id=version.id)), Edit(None, version)]


async def update_policy(
    graph: Graph, *, caller: Caller, policy: str, description: str, key: str | None = None
) -> Written:
    """Describe a policy. Its name and rules are its document's: apply another one."""
    check_description(description)

    async def plan(at: Snapshot) -> list[Edit]:
        before = (await _require(at, policy, Capability.POLICY_UPDATE)).state
        return [Edit(before, replace(before, description=description))]

    intent = Intent(
        caller=caller,
        kind="update_policy",
        input={"policy": policy, "description": description},
        key=key,
    )
    return await graph.change(intent, policy, Kind.POLICY, plan)


async def move_policy(
    graph: Graph, *, caller: Caller, policy: str, to: str, key: str | None = None
) -> Written:
    """Bind a policy to another group of its organization."""

    async def plan(at: Snapshot) -> list[Edit]:
        found = await _require(at, policy, Capability.POLICY_UPDATE)
        target = await lookup.group_for(at, to, Capability.POLICY_CREATE)
        placement.require_same_organization(found, target)
        before = found.state
        if target.id == found.group_id:
            return [Edit(before, before)]
        await placement.require_free_policy_name(at, target, found.name)
        return [Edit(before, replace(before, group_id=target.id))]

    intent = Intent(caller=caller, kind="move_policy", input={"policy": policy, "to": to}, key=key)
    return await graph.change(intent, policy, Kind.POLICY, plan)


async def activate_policy_version(
    graph: Graph, *, caller: Caller, version: str, key: str | None = None
) -> Written:
    """Make a version of a policy, perhaps an older one, its active one."""

    async def plan(at: Snapshot) -> list[Edit]:
        found = await lookup.version(at, version)
        policy = (await _require(at, found.policy_id, Capability.POLICY_UPDATE)).state
        return [Edit(policy, replace(policy, version_id=found.id))]

    intent = Intent(
        caller=caller, kind="activate_policy_version", input={"version": version}, key=key
    )
    return await graph.change(intent, version, Kind.VERSION, plan)


async def delete_policy(
    graph: Graph, *, caller: Caller, policy: str, key: str | None = None
) -> Written:
    """Delete a policy with its versions."""

    async def plan(at: Snapshot) -> list[Edit]:
        found = await _require(at, policy, Capability.POLICY_DELETE)
        versions = await at.run(queries.versions_of(policies=[found.id]))
        states = [found.state, *sorted(versions, key=lambda version: version.number)]
        return [Edit(state, None) for state in states]

    intent = Intent(caller=caller, kind="delete_policy", input={"policy": policy}, key=key)
    return await graph.change(intent, policy, Kind.POLICY, plan)


async def _require(at: Snapshot, ref: str, capability: Capability) -> PolicyRow:
    """Return the policy a ref leads to, for who may do this at its group."""
    found = await lookup.policy(at, ref)
    if not await at.may(capability, found.group_id):
        # They see the policy, if only where it rolls down to, so its existence is no secret.
        raise denied(capability, f"the group of policy {ref[:200]!r}")
    at.needs.append((capability, found.group_id))
    return found
