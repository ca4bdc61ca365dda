"""The command `policygraph`."""

import argparse
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

_FAILED = 1
_MISUSED = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status: 0, 1 when it failed, 2 when it was misused."""
    given = _parser().parse_args(arguments)
    try:
        from api import running  # noqa: PLC0415 - the base distribution lacks what it imports
    except ModuleNotFoundError as error:
        return _fail(f"This command needs the server ({error.name}): install policygraph[server].")
    return running.run(given)


def _fail(message: str) -> int:
    sys.stderr.write(f"policygraph: {message}\n")
    return _FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="policygraph",
        description="Which policies apply to this cluster, and through which group?",
        epilog="Every setting is a variable POLICYGRAPH_… too; docs/operating.md lists them.",
    )
    parser.add_argument("--version", action="version", version=version("policygraph"))
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    serve = commands.add_parser("serve", help="serve the API until Ctrl-C")
    serve.add_argument("--host", help="the address to listen on (127.0.0.1)")
    serve.add_argument("--port", type=int, help="the port to listen on (8080); 0: any free one")
    serve.add_argument("--tls-certificate", type=Path, metavar="FILE", help="to serve TLS by")
    serve.add_argument("--tls-key", type=Path, metavar="FILE", help="the certificate's key")
    _store_options(serve)
    serve.add_argument("--dev", action="store_true", help="with an issuer of our own, on loopback")
    serve.add_argument(
        "--sample", type=Path, metavar="FILE", help="load FILE into an empty store (with --dev)"
    )

    load = commands.add_parser("load", help="make the graph hold what an organization file says")
    load.add_argument("file", type=Path, metavar="FILE")
    _store_options(load)

    token = commands.add_parser("token", help="print a token of the development issuer")
    token.add_argument("email", metavar="EMAIL")
    token.add_argument("--data", type=Path, metavar="DIR", help="that the service runs on (data)")

    check = commands.add_parser("check", help="say whether settings and store are in order")
    _store_options(check)
    check.add_argument("--dev", action="store_true", help="check the settings of --dev")
    return parser


def _store_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, metavar="DIR", help="of the embedded store (data)")
    parser.add_argument("--store", metavar="URI", help="of a Neo4j store, instead of the embedded")


if __name__ == "__main__":
    sys.exit(main())
