"""Policy documents that are refused: each with every problem it has, and no policy is made."""

import pytest

from tests.api.client import Api, Person
from tests.given import a_policy

MIB = 1024 * 1024
_BOMB = "a: &a [x, x, x, x, x, x, x, x]\n" + "".join(
    f"{b}: &{b} [*{a}, *{a}, *{a}, *{a}, *{a}, *{a}, *{a}, *{a}]\n"
    for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)
DOCUMENTS = {
    "empty": "",
    "blank": " \n\n",
    "comments alone": "# nothing\n",
    "over 1 MiB": a_policy("p") + "#" * MIB,
    "not YAML": "a: [b\n",
    "a text": "hello",
    "a list": "- a\n- b\n",
    "a tab": "a:\n\t- b\n",
    "an alias bomb": _BOMB,
    "an alias of itself": "a: &a [*a]\n",
    "nested deeply": "[" * 20_000,
    "nested deeply and closed": "[" * 10_000 + "]" * 10_000,
    "a key twice": a_policy("p").replace("kind:", "kind: ClusterImagePolicy\nkind:"),
    "another kind": a_policy("p").replace("ClusterImagePolicy", "ConfigMap"),
    "another version": a_policy("p").replace("v1beta1", "v9"),
    "no kind": a_policy("p").replace("kind: ClusterImagePolicy\n", ""),
    "no name": a_policy("p").replace("  name: p\n", "  labels: {}\n"),
    "a name in capitals": a_policy("P"),
    "no images": a_policy("p", images=[]),
    "two policies": f"{a_policy('p')}---\n{a_policy('q')}",
    "an unknown member": a_policy("p") + "surprise: 1\n",
    "a bad glob": a_policy("p", images=["a b"]),
    "a bad mode": a_policy("p", mode="perhaps"),
    "a control character": a_policy("p").replace("spec:", "spec: # \x01"),
    "a NUL": a_policy("p") + "\x00",
    "a Python object": "!!python/object/apply:os.system ['true']\n",
    "a binary key": a_policy("p") + "? !!binary aGk=\n: 1\n",
    "a merge key": a_policy("p") + "<<: {a: 1}\n",
}


@pytest.mark.parametrize("what", DOCUMENTS)
async def test_a_bad_document_is_refused_and_nothing_is_made(
    lasting_api: Api, a_root: tuple[Person, str], what: str
) -> None:
    owner, org = a_root
    before = await lasting_api.revision(owner)

    outcome = await lasting_api.do(owner, "applyPolicy", group=org, document=DOCUMENTS[what])

    assert outcome["__typename"] == "InvalidInput", outcome
    assert "document" in outcome["message"]
    assert len(outcome["message"]) <= 4000
    assert all(outcome["details"])
    assert await lasting_api.revision(owner) == before
    listed = await lasting_api.ask(owner, "{ policies { totalCount } }")
    assert listed["policies"]["totalCount"] == 0


async def test_every_problem_of_a_document_is_told_at_once(
    lasting_api: Api, a_root: tuple[Person, str]
) -> None:
    owner, org = a_root
    document = a_policy("P", images=["a b"], mode="perhaps")
    outcome = await lasting_api.do(owner, "applyPolicy", group=org, document=document)
    told = "\n".join(outcome["details"])
    for field in ("metadata.name", "spec.images[0].glob", "spec.mode"):
        assert field in told
    assert len(outcome["details"]) >= 3


@pytest.fixture(scope="session")
async def a_root(lasting_api: Api) -> tuple[Person, str]:
    owner = lasting_api.person("owner")
    return owner, await lasting_api.organization(owner)
