"""The Compose file and the service agree; `make lint` holds the file to its schema."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from api.settings import Settings

ROOT = Path(__file__).parents[2]
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())[
    "services"
]


def test_the_service_reads_every_variable_that_compose_sets() -> None:
    known = {f"POLICYGRAPH_{name.upper()}" for name in Settings.model_fields}

    assert SERVICES["policygraph"]["environment"].keys() <= known


def test_no_password_has_a_default() -> None:
    values = [
        str(value)
        for service in SERVICES.values()
        for name, value in service["environment"].items()
        if "PASSWORD" in name or "AUTH" in name
    ]

    assert len(values) == 2
    assert all(re.fullmatch(r"(neo4j/)?\$\{NEO4J_PASSWORD:\?.+\}", value) for value in values)


@pytest.mark.parametrize("service", SERVICES)
def test_no_port_is_published_beyond_this_machine(service: str) -> None:
    ports = SERVICES[service].get("ports", [])

    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []
