"""Remembers who signed in of late, so that not every request writes who they are."""

from collections import OrderedDict

from queries.users import UserRow

_MOST = 20_000


class SignedIn:
    """The users whom this process has written to the store; the least recent are forgotten."""

    def __init__(self) -> None:
        self._rows: OrderedDict[str, UserRow] = OrderedDict()

    def remembers(self, row: UserRow) -> bool:
        """Tell whether a user was written just as they are now."""
        if self._rows.get(row.id) != row:
            return False
        self._rows.move_to_end(row.id)
        return True

    def remember(self, row: UserRow) -> None:
        """Note that a user was written."""
        self._rows[row.id] = row
        self._rows.move_to_end(row.id)
        if len(self._rows) > _MOST:
            self._rows.popitem(last=False)
