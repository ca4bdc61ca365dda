"""What a client learns from the service's address alone: whose tokens it takes, how to get one.

`GET /.well-known/policygraph` (RFC 8615), without a token. Nothing in it comes from a header of the
request, so no cache in between can be made to hold another's address.
"""

from typing import Any

from api.settings import IssuerSettings

PATH = "/.well-known/policygraph"


def describe(issuers: list[IssuerSettings]) -> dict[str, Any]:
    """Return the document: the path of the API, and each issuer by whom people sign in."""
    return {
        "graphql": "/graphql",
        "issuers": [
            {
                "issuer": each.issuer,
                "audiences": each.audiences,
                "clientId": each.client_id,
                "scopes": each.scopes,
                "flows": each.flows if each.client_id else [],
            }
            for each in issuers
            if each.people
        ],
    }
