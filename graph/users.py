"""Users: who they are, what they may do where, and whom a caller may know of."""

from collections.abc import Sequence
from dataclasses import dataclass

from graph import lookup, membership, rights
from graph.engine import Graph
from graph.errors import InvalidInputError
from graph.groups import list_in as list_groups_in
from graph.ids import Kind, user_id
from graph.membership import Decision, Member
from graph.names import check_text
from graph.paging import PageRequest, Slice, trim
from graph.refs import parse_ref
from graph.rights import Capability
from graph.session import Reader
from graph.snapshot import Snapshot, denied, not_found
from queries import bindings
from queries import users as queries
from queries.states import BindingState, GroupState
from queries.users import UserKind, UserRow

_MAX_TEXT = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who a user is: the issuer that vouches for them, and their name with it."""

    issuer: str
    subject: str
    email: str | None = None
    display_name: str | None = None


def user_row(user_key: bytes, identity: Identity, *, kind: UserKind = "human") -> UserRow:
    """Return the user that an identity is, registered or not."""
    for text, what in (
        (identity.issuer, "An issuer"),
        (identity.subject, "A subject"),
        (identity.email or "", "An e-mail address"),
        (identity.display_name or "", "A display name"),
    ):
        check_text(text, what=what, most=_MAX_TEXT)
    if not identity.issuer or not identity.subject:
        raise InvalidInputError("An identity has an issuer and a subject; neither may be empty.")
    return UserRow(
        id=user_id(user_key, identity.issuer, identity.subject),
        issuer=identity.issuer,
        subject=identity.subject,
        kind=kind,
        email=identity.email,
        display_name=identity.display_name,
    )


async def register(reader: Reader, rows: Sequence[UserRow]) -> None:
    """Make users known. Who is known already keeps their identity; their names are renewed."""
    await reader.run(
        queries.register_users(
            rows=[
                {
                    "id": row.id,
                    "issuer": row.issuer,
                    "subject": row.subject,
                    "kind": row.kind,
                    "email": row.email,
                    "display_name": row.display_name,
                }
                for row in rows
            ]
        )
    )


async def sign_in(graph: Graph, *, identity: Identity) -> UserRow:
    """Return the user of a verified token, registered if this is their first time."""
    row = user_row(graph.user_key, identity)
    if not graph.signed_in.remembers(row):
        await graph.retried(lambda: register(graph.session, [row]))
        graph.signed_in.remember(row)
    return row


async def get_users(at: Snapshot, *, users: Sequence[str]) -> list[UserRow | None]:
    """Return these users in this order, for whoever was shown their ids; None for an unknown id."""
    found = {row.id: row for row in await at.run(queries.read_users(ids=sorted(set(users))))}
    return [found.get(user) for user in users]


async def get_user(at: Snapshot, *, ref: str) -> UserRow:
    """Return one user: oneself, or one bound where the caller may list role bindings."""
    wanted = parse_ref(ref, Kind.USER).id or ""
    (found,) = await get_users(at, users=[wanted])
    if found is not None and (
        wanted == at.viewer.user_id or any((await user_bindings(at, users=[wanted]))[0])
    ):
        return found
    raise not_found(f"user {ref[:200]!r}")


async def list_users(
    at: Snapshot, *, within: str | None, name: str | None, page: PageRequest
) -> Slice[UserRow]:
    """Return the users that are members of a group where the caller may list role bindings."""
    place, org = await lookup.limit(at, within)
    scopes = await at.scopes(Capability.ROLE_BINDINGS_LIST, place)
    forest = await at.forest(scopes)
    above = sorted(frozenset[str]().union(*(forest.ids(scope) for scope in scopes)) - set(scopes))
    (after,) = page.text_key(1)
    statement = queries.list_users(
        scopes=scopes, above=above, name=name, after_id=after, first=page.fetch
    )
    return trim(await at.run(statement), page, org=org)


async def user_bindings(at: Snapshot, *, users: Sequence[str]) -> list[list[BindingState]]:
    """Return for each user the bindings that the caller may know of, expired ones included."""
    rows = await at.run(bindings.user_bindings(users=sorted(set(users))))
    await at.forest(row.group_id for row in rows)  # all at once
    visible = [
        row
        for row in rows
        if row.user_id == at.viewer.user_id or await lookup.binding_visible(at, row.group_id)
    ]
    visible.sort(key=lambda row: row.id)
    return [[row for row in visible if row.user_id == user] for user in users]


async def user_access(at: Snapshot, *, users: Sequence[str]) -> list[list[Member]]:
    """Return for each user where they may do what: their bindings that grant something."""
    known = await get_users(at, users=users)
    bound = await user_bindings(at, users=users)
    forest = await at.forest(row.group_id for rows in bound for row in rows)
    return [
        [
            Member(user, row, forest.path(row.group_id)[-1:])
            for row in rows
            if rights.is_live(row, at.now)
        ]
        if user is not None
        else []
        for user, rows in zip(known, bound, strict=True)
    ]


async def user_groups(
    at: Snapshot, *, users: Sequence[str], page: PageRequest
) -> list[Slice[GroupState]]:
    """Return for each user the groups they are a member of, inherited ones included, by name.

    Only those of which the caller may list groups and, but for their own, role bindings.
    """
    scopes: list[list[str]] = []
    for user, rows in zip(users, await user_bindings(at, users=users), strict=True):
        reached: list[str] = []
        for row in rows:
            if not rights.is_live(row, at.now):
                continue
            if user == at.viewer.user_id:
                shown = [row.group_id]
            else:
                shown = await at.scopes(Capability.ROLE_BINDINGS_LIST, row.group_id)
            for place in shown:
                reached += await at.scopes(Capability.GROUPS_LIST, place)
        scopes.append((await at.forest(reached)).tops(reached))
    return await list_groups_in(at, scopes, page)


async def access(at: Snapshot, *, user: str, capability: Capability, group: str) -> Decision:
    """Decide whether a user may do a thing at a group, and say why.

    Needs `role_bindings.list` there, but for questions about oneself.
    """
    place = await lookup.group(at, group)
    wanted = parse_ref(user, Kind.USER).id or ""
    if wanted != at.viewer.user_id and not await at.may(Capability.ROLE_BINDINGS_LIST, place.id):
        raise denied(Capability.ROLE_BINDINGS_LIST, f"group {group[:200]!r}")
    found = await get_user(at, ref=user)
    rows = await at.run(bindings.user_bindings(users=[wanted]))
    path = (await at.forest([place.id])).path(place.id)
    return membership.decide(found, capability, path, rows, at.now)
