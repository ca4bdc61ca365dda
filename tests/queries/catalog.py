"""Every query that is declared, found by walking the package, with parameters to run it by."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from typing import Any

import queries
from queries import Statement

Declared = Callable[..., Statement[Any]]

# What stands for a parameter of this name. Ids are of things that are not there; a test that wants
# a hit gives its own.
_SAMPLES: dict[str, Any] = {
    "ids": ["grp_none"],
    "orgs": ["grp_none"],
    "groups": ["grp_none"],
    "users": ["usr_none"],
    "policies": ["pol_none"],
    "names": ["none"],
    "above": ["grp_none"],
    "omit": None,
    "first": 10,
    "number": 0,
    "schema_version": 1,
    "before": None,
    "after_name": None,
    "after_id": None,
    "role": None,
}


def catalog() -> dict[str, Declared]:
    """Return every declared query by its name."""
    found: dict[str, Declared] = {}
    for module in pkgutil.walk_packages(queries.__path__, "queries."):
        for value in vars(importlib.import_module(module.name)).values():
            if inspect.isfunction(value) and (signature := getattr(value, "__wrapped__", None)):
                found[statement_of(value, signature).name] = value
    return found


def statement_of(declared: Declared, signature: Callable[..., None]) -> Statement[Any]:
    """Return a query with sample parameters."""
    parameters = inspect.signature(signature).parameters
    return declared(**{name: _sample(declared, name) for name in parameters})


def sample(declared: Declared) -> Statement[Any]:
    """Return a query with sample parameters."""
    return statement_of(declared, declared.__wrapped__)  # type: ignore[attr-defined]


def _sample(declared: Declared, name: str) -> Any:
    if name == "scopes":
        return ["grp_none"] if "list[list" not in _annotation(declared, name) else [["grp_none"]]
    if name == "rows":
        return [{"id": "none", "user_id": "usr_none", "group_id": "grp_none"}]
    if name == "row":
        return {"id": "chg_none"}
    if name in _SAMPLES:
        return _SAMPLES[name]
    return None if "None" in _annotation(declared, name) else "none"


def _annotation(declared: Declared, name: str) -> str:
    parameters = inspect.signature(declared.__wrapped__).parameters  # type: ignore[attr-defined]
    return str(parameters[name].annotation)
