"""Who a user is, and how they become known: by signing in, or by being bound before they do."""

from collections.abc import Sequence
from dataclasses import dataclass

from graph.engine import Graph
from graph.errors import InvalidInputError
from graph.ids import user_id
from graph.names import check_text
from graph.session import Reader
from queries import users as queries
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
