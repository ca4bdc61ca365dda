"""Carries out a command line: settings, logs, the event loop, and errors as people read them."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Coroutine
from typing import Any

import structlog
import uvloop
from pydantic import ValidationError

from api import commands, demo, serving
from api.authn.dev import DevIssuerError
from api.logs import set_up_logs
from api.settings import Settings, unknown_variables
from graph.embedded import EmbeddedStoreError
from graph.errors import (
    InvalidInputError,
    PolicyGraphError,
    StoreTimeoutError,
    UnavailableError,
)
from graph.session import StoreError

log: structlog.stdlib.BoundLogger = structlog.get_logger()

_DONE = 0
_FAILED = 1
_MISUSED = 2


def run(given: argparse.Namespace) -> int:
    """Run the command that was given; return its exit status."""
    settings: Settings | None = None
    try:
        settings = _settings(given)
        set_up_logs(settings.log_level)
        for name, meant in unknown_variables():
            log.warning("setting_unknown", variable=name, perhaps=meant)
        command: Callable[[argparse.Namespace, Settings], int] = {
            "serve": _serve,
            "load": _load,
            "token": _token,
            "check": _check,
        }[given.command]
        return command(given, settings)
    except ValidationError as error:
        return _fail(_MISUSED, "The settings are not in order:", *_problems(error))
    except InvalidInputError as error:
        return _fail(_MISUSED, error.message, *error.details)
    except (UnavailableError, StoreTimeoutError, StoreError) as error:
        return _fail(_FAILED, str(error), *_store(settings))
    except (
        PolicyGraphError,
        EmbeddedStoreError,
        DevIssuerError,
        serving.ServeError,
        OSError,
    ) as error:
        return _fail(_FAILED, str(error))
    except (KeyboardInterrupt, asyncio.CancelledError):
        return _DONE  # it was told to end


def _settings(given: argparse.Namespace) -> Settings:
    """Read the settings; what the command line says comes before the environment."""
    options = {
        "host": getattr(given, "host", None),
        "port": getattr(given, "port", None),
        "tls_certificate": getattr(given, "tls_certificate", None),
        "tls_key": getattr(given, "tls_key", None),
        "data": getattr(given, "data", None),
        "store_uri": getattr(given, "store", None),
        "dev": getattr(given, "dev", None) or None,
    }
    said = {name: value for name, value in options.items() if value is not None}
    if given.command in {"load", "token"}:
        # Neither accepts tokens, so neither needs an issuer to be configured.
        said.setdefault("dev", True)
        said |= {"host": "127.0.0.1", "tls_certificate": None, "tls_key": None}
    return Settings(**said)


def _serve(given: argparse.Namespace, settings: Settings) -> int:
    if given.sample is not None and not settings.dev:
        return _fail(_MISUSED, "--sample goes with --dev: its users sign in with its issuer.")
    sample = (
        demo.Sample.read(given.sample, require_identities=settings.require_identities)
        if given.sample is not None
        else None
    )
    _complete(serving.serve(settings, sample=sample))
    return _DONE


def _load(given: argparse.Namespace, settings: Settings) -> int:
    loaded = _complete(commands.load(settings, given.file))
    sys.stdout.write(
        f"{given.file}: {loaded.created} created, {loaded.updated} changed"
        f" in organization {loaded.organization}\n"
    )
    return _DONE


def _token(given: argparse.Namespace, settings: Settings) -> int:
    if "@" not in given.email:
        return _fail(_MISUSED, f"{given.email!r} is no e-mail address, such as ada@acme.example.")
    if not (settings.data / "dev-issuer.pem").exists():
        return _fail(
            _FAILED,
            f"No service was started with --dev on {settings.data}: it has no signing key. Say"
            f" which with --data, or start one.",
        )
    sys.stdout.write(commands.token(settings.data, given.email) + "\n")
    return _DONE


def _check(given: argparse.Namespace, settings: Settings) -> int:
    del given
    sys.stdout.write(_complete(commands.check(settings)))
    return _DONE


def _complete(work: Coroutine[Any, Any, Any]) -> Any:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


def _store(settings: Settings | None) -> list[str]:
    """Say which store a failure is about."""
    if settings is None or settings.store_uri is None:
        return []
    return [f"The store is {settings.store_uri}, by --store or POLICYGRAPH_STORE_URI."]


def _problems(error: ValidationError) -> list[str]:
    lines: list[str] = []
    for problem in error.errors():
        name = "".join(str(part) for part in problem["loc"][:1])
        what = problem["msg"].removeprefix("Value error, ")
        lines.append(f"POLICYGRAPH_{name.upper()}: {what}" if name else what)
    return lines


def _fail(status: int, *lines: str) -> int:
    sys.stderr.write("policygraph: " + "\n  ".join(lines) + "\n")
    return status
