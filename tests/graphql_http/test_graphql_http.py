"""GraphQL over HTTP as its reference implementation audits it, but for queries over GET."""

from collections.abc import Callable
from pathlib import Path

from tests.cli_server.conftest import SAMPLE, policygraph, serving
from tests.node import NodeFolder

ASK_FOR_GET = {
    "5A70": "MAY accept application/x-www-form-urlencoded formatted GET requests",
    "D6D5": "MAY allow URL-encoded JSON string {variables} parameter in GETs when accepting"
    " application/graphql-response+json",
    "6A70": "MAY allow URL-encoded JSON string {variables} parameter in GETs when accepting"
    " application/json",
}
AUDITS = 61


def test_every_audit_passes_but_those_that_ask_for_get(
    node: Callable[[Path], NodeFolder], tmp_path: Path
) -> None:
    folder = node(Path(__file__).parent)
    data = tmp_path / "data"
    with serving(data, "--dev", "--sample", SAMPLE) as service:
        token = policygraph("token", "ada@tiny.example", "--data", data).stdout.strip()
        results = folder.run("audit.mjs", f"{service.address}/graphql", AUDIT_TOKEN=token)

    assert len(results) == AUDITS
    failed = [each for each in results if each["status"] != "ok"]
    assert {each["id"]: each["name"] for each in failed} == ASK_FOR_GET, failed
    # Each of them says MAY; what it is about is refused, and is no fault of the server's.
    assert {each["status"] for each in failed} == {"notice"}


def test_a_lock_names_no_address_and_pins_by_hash() -> None:
    for lock in Path(__file__).parents[1].rglob("package-lock.json"):
        text = lock.read_text()
        assert "://" not in text, lock
        assert '"resolved"' not in text, lock
        assert text.count('"integrity": "sha512-') == text.count('"node_modules/'), lock
