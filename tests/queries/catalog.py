"""Every query that is declared, found by walking the package."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from typing import Any

import queries
from queries import Statement

Declared = Callable[..., Statement[Any]]


def catalog() -> dict[str, Declared]:
    """Return every declared query by its name."""
    found: dict[str, Declared] = {}
    for module in pkgutil.walk_packages(queries.__path__, "queries."):
        for value in vars(importlib.import_module(module.name)).values():
            if inspect.isfunction(value) and hasattr(value, "__wrapped__"):
                found[without_values(value).name] = value
    return found


def without_values(declared: Declared) -> Statement[Any]:
    """Return a query as its plan and its kind can be asked for: no parameter has a value."""
    return declared(**dict.fromkeys(inspect.signature(declared).parameters))
