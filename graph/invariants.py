"""What must hold of the graph whatever is written, and the checker that looks for what does not."""

from collections.abc import Sequence

from graph.edits import Edit
from graph.errors import ConflictError
from graph.rights import OWNER_ID
from graph.snapshot import Snapshot
from queries import bindings, groups
from queries.states import BindingState, GroupState


async def check_owners(at: Snapshot, org: str, edits: Sequence[Edit]) -> None:
    """Raise `ConflictError` when these edits leave an organization without an owner.

    An owner in this sense is a person bound at the root as owner, with no expiry.
    """
    if not any(_is_owner(edit.before, org) for edit in edits) or _deletes(edits, org):
        return
    bound = await at.run(bindings.group_bindings(groups=[org]))
    owners = {
        row.binding.id for row in bound if row.user.kind == "human" and _is_owner(row.binding, org)
    }
    for edit in edits:
        if isinstance(edit.before, BindingState) and not _is_owner(edit.after, org):
            owners.discard(edit.before.id)
    if not owners:
        root = (await at.run(groups.read_groups(ids=[org])))[0]
        raise ConflictError(
            f"This would leave {root.name} without an owner. Bind another person as owner of it,"
            f" without an expiry, and try again."
        )


def _is_owner(state: object, org: str) -> bool:
    return (
        isinstance(state, BindingState)
        and state.group_id == org
        and state.role == OWNER_ID
        and state.expires_at is None
    )


def _deletes(edits: Sequence[Edit], org: str) -> bool:
    return any(
        isinstance(edit.before, GroupState) and edit.before.id == org and edit.after is None
        for edit in edits
    )
