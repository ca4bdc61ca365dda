"""Who calls: a person by their token, or the workload whose identity the request names."""

import re
from collections.abc import Callable

from starlette.requests import Request

from api.authn.keys import KeyNotFoundError, KeySet
from api.authn.tokens import Accepted, TrustedIssuer, Verifier, refused
from api.authn.workloads import WorkloadIssuers
from api.errors import UnauthenticatedError
from graph.engine import Graph
from graph.errors import InvalidInputError
from graph.identities import sign_in
from graph.ids import Kind, kind_of
from graph.matching import KnownIssuers
from graph.snapshot import Caller, Origin
from queries.identities import read_identities

_PIN_HEADER = "policygraph-organization"
_IDENTITY_HEADER = "policygraph-identity"
_BEARER = re.compile(r"Bearer ([A-Za-z0-9._~+/=-]+)", re.IGNORECASE)


class Callers:
    """Finds out who calls."""

    def __init__(
        self,
        graph: Graph,
        issuers: tuple[TrustedIssuer, ...],
        discoverable: tuple[str, ...],
        look_up: Callable[[str], KeySet],
    ) -> None:
        self._graph = graph
        self._verifier = Verifier(issuers)
        self.known = KnownIssuers(self._verifier.issuers, discoverable)
        """The issuers whose tokens are accepted."""
        configured = {each.issuer: each for each in issuers}
        self._workloads = WorkloadIssuers(configured, self.known, look_up=look_up)

    async def find(self, request: Request, address: str) -> Caller:
        """Return who calls, from the headers alone; raise `UnauthenticatedError` for nobody."""
        match = _BEARER.fullmatch(request.headers.get("authorization", ""))
        if match is None:
            raise UnauthenticatedError(
                "A token is needed: send `Authorization: Bearer …` with a token of this service's"
                " issuer."
            )
        named = request.headers.getlist(_IDENTITY_HEADER)
        if named:
            user_id, accepted = await self._workload(match[1], named)
            email = None
        else:
            accepted = await self._verifier.verify(match[1])
            user_id = (await sign_in(self._graph, identity=accepted.identity)).id
            email = accepted.identity.email
        pin = request.headers.get(_PIN_HEADER)
        if pin is not None and kind_of(pin) is not Kind.GROUP:
            raise InvalidInputError("Policygraph-Organization holds the id of a root: grp_….")
        return Caller(user_id, pin, Origin(address or None, accepted.token_id), email)

    async def _workload(self, token: str, named: list[str]) -> tuple[str, Accepted]:
        """Return the id of the identity that a request names, if its token is one of it.

        No other identity is looked at, so nobody's rule can take a token that is not for it.
        """
        if len(named) != 1 or kind_of(named[0]) is not Kind.USER:
            raise refused("a header that names no one identity")
        found = await self._graph.session.run(read_identities(ids=named))
        if not found:
            raise refused("an identity that is not there")
        try:
            trusted = self._workloads.trusted(found[0], self._graph.clock())
        except KeyNotFoundError as error:
            raise refused(str(error)) from error
        return found[0].id, await self._verifier.verify_for(token, found[0], trusted)
