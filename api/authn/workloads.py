"""Whose keys count for the identity that a request names, and for nobody else."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

import orjson

from api.authn.keys import KeyNotFoundError, KeySet, StaticKeys
from api.authn.tokens import TrustedIssuer
from graph.matching import KnownIssuers
from queries.states import IdentityState

_ALGORITHMS = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
)  # fmt: skip
_MAX_SECONDS = 86_400
_MOST_LOOKED_UP = 1000


class WorkloadIssuers:
    """What the issuer of an identity is trusted for: that identity alone."""

    def __init__(
        self,
        configured: Mapping[str, TrustedIssuer],
        known: KnownIssuers,
        *,
        look_up: Callable[[str], KeySet],
    ) -> None:
        self._configured = configured
        self._known = known
        self._look_up = look_up
        self._looked_up: OrderedDict[str, KeySet] = OrderedDict()

    def trusted(self, identity: IdentityState, now: datetime) -> TrustedIssuer:
        """Return how tokens of an identity are verified; raise `KeyNotFoundError` if not at all.

        An issuer of the operator's vouches by its own keys, whatever came with the identity.
        """
        configured = self._configured.get(identity.issuer)
        if identity.keys and (configured is not None or not _count(identity, now)):
            raise KeyNotFoundError("keys that came with the identity and do not count")
        if configured is not None:
            return replace(configured, audiences=[identity.audience], people=True)
        if identity.keys:
            keys: KeySet = StaticKeys([orjson.loads(text) for text in identity.keys])
        elif self._known.may_discover(identity.issuer):
            keys = self._keys_of(identity.issuer)
        else:
            raise KeyNotFoundError("an issuer whose keys are not looked up")
        return TrustedIssuer(
            issuer=identity.issuer,
            audiences=[identity.audience],
            algorithms=_ALGORITHMS,
            keys=keys,
            max_seconds=_MAX_SECONDS,
        )

    def _keys_of(self, issuer: str) -> KeySet:
        """Return the keys of an issuer that is looked up, the same for all that name it."""
        keys = self._looked_up.get(issuer)
        if keys is None:
            keys = self._looked_up[issuer] = self._look_up(issuer)
        self._looked_up.move_to_end(issuer)
        if len(self._looked_up) > _MOST_LOOKED_UP:
            self._looked_up.popitem(last=False)
        return keys


def _count(identity: IdentityState, now: datetime) -> bool:
    """Tell whether the keys that came with an identity still vouch for it."""
    return identity.keys_expire_at is not None and now < identity.keys_expire_at
