"""The users of an organization file, and the roles that it binds them to."""

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import cast, get_args

from graph.names import check_name
from graph.organization_checks import Checks, near, one_of
from graph.organization_entries import BindingEntry, UserEntry
from graph.organization_yaml import MapValue, Value
from graph.rights import BUILT_IN_ROLES
from queries.users import UserKind

_ROLES = tuple(role.name for role in BUILT_IN_ROLES.values())
_USER_KINDS = get_args(UserKind)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


def read_users(checks: Checks, value: Value | None) -> dict[str, UserEntry]:
    """Read the users by the short names that bindings use."""
    users: dict[str, UserEntry] = {}
    if value is None:
        return users
    identities: dict[str, Value] = {}
    for key, entry in checks.fields(value, None).items():
        checks.check(entry, functools.partial(check_name, key, what="user"))
        members = checks.fields(entry, ("email", "name", "issuer", "subject", "kind"))
        email = checks.matching(members.get("email"), _EMAIL.fullmatch, "an e-mail address")
        issuer = checks.matching(
            members.get("issuer"), lambda text: text.startswith("https://"), "an https:// URL"
        )
        kind = checks.matching(members.get("kind"), _USER_KINDS.__contains__, one_of(_USER_KINDS))
        subject = checks.text(members.get("subject")) or email
        if isinstance(entry, MapValue) and not ("email" in members or "subject" in members):
            checks.report(entry, "needs `email`, or `subject` for one who has no e-mail address")
        name = checks.text(members.get("name"))
        # Kept even when flawed, so that its bindings are not reported as well.
        users[key] = UserEntry(
            key, subject or "", issuer, email, name, cast("UserKind", kind or "human")
        )
        if subject:
            identity = f"{subject} of {issuer}" if issuer else subject
            checks.unique(identities, identity, entry, "the identity")
    return users


def read_bindings(
    checks: Checks, users: Mapping[str, UserEntry], value: Value | None
) -> Iterator[BindingEntry]:
    """Read what a group binds to each role, in the file's order."""
    if value is None:
        return
    for role, bound in checks.fields(value, None).items():
        if role not in _ROLES:
            checks.report(bound, f"unknown role `{role}`{near(role, _ROLES)}")
        seen: dict[str, Value] = {}
        for item in checks.items(bound):
            members = checks.fields(item, ("user", "expires")) if isinstance(item, MapValue) else {}
            user_value = (
                checks.required(item, members, "user") if isinstance(item, MapValue) else item
            )
            user = checks.text(user_value)
            expires = _instant(checks, members.get("expires"))
            if user is None or user_value is None:
                continue
            if user not in users:
                checks.report(user_value, f"unknown user `{user}`{near(user, tuple(users))}")
            checks.unique(seen, user, user_value, role)
            yield BindingEntry(role, user, expires)


def has_lasting_owner(bindings: Iterable[BindingEntry], users: Mapping[str, UserEntry]) -> bool:
    """Tell whether a human is owner for good; an unknown user, a problem already, may be one."""
    return any(
        binding.role == "owner"
        and binding.expires is None
        and (binding.user not in users or users[binding.user].kind == "human")
        for binding in bindings
    )


def _instant(checks: Checks, value: Value | None) -> datetime | None:
    text = checks.text(value)
    if value is None or text is None:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        checks.report(value, f"{text!r} is not an instant such as 2027-01-01T00:00:00Z")
        return None
    return instant.astimezone(UTC)
