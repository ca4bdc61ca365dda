"""How often a query asks the store: nested fields answer together, however many there are."""

from collections import Counter
from typing import Any

import pytest

from graph.session import Session
from queries import Statement
from tests.api.client import Api, Person
from tests.given import a_policy

_MANY = 50
# Who asks is read before and after, so that an answer is of one state; signing in is one more.
_AROUND = ("users/read_grants", "users/read_grants")

NESTED = {
    "groups(within: $within, first: 30)": [
        "path ancestors { name }",
        "children { totalCount }",
        "descendants { totalCount }",
        "clusters { totalCount }",
        "policies { totalCount }",
        "effectivePolicies { edges { node { path document } via { name } path { name } } }",
        "members { edges { node { email } via { name } } }",
        "counts { groups }",
    ],
    "clusters(within: $within, first: 30)": [
        "path group { name }",
        "lastSeen",
        "effectivePolicies { edges { node { path document } via { name } path { name } } }",
    ],
    "policies(within: $within, first: 30)": [
        "path group { name }",
        "document",
        "versions { edges { node { number document warnings { message } } } }",
        "clusters { totalCount edges { node { path } } }",
    ],
    "users(within: $within, first: 30)": ["access { totalCount }", "groups { totalCount }"],
    "roleBindings(within: $within, first: 30)": ["expired user { email }", "group { name }"],
    "changes(organization: $within, first: 30)": ["edits { edges { node { before after } } }"],
}


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count the statements that the store answers."""
    counted: Counter[str] = Counter()
    run = Session.run

    async def counting(self: Session, statement: Statement[Any]) -> Any:
        counted[statement.name] += 1
        return await run(self, statement)

    monkeypatch.setattr(Session, "run", counting)
    return counted


async def _fill(api: Api, ada: Person, name: str, count: int) -> str:
    org = await api.organization(ada, name=name)
    for number in range(count):
        place = f"{org}/g{number}"
        await api.done(ada, "createGroup", parent=org, name=f"g{number}")
        await api.done(ada, "createCluster", group=place, name=f"c{number}")
        await api.done(ada, "applyPolicy", group=place, document=a_policy(f"p{number}"))
        await api.member(ada, place, "viewer")
    return org


async def test_five_times_as_much_costs_no_further_call(
    api: Api, ada: Person, calls: Counter[str]
) -> None:
    little, much = await _fill(api, ada, "little", 1), await _fill(api, ada, "much", 5)
    dear: list[tuple[str, Counter[str], Counter[str]]] = []
    for list_, fields in NESTED.items():
        for field in fields:
            query = f"query($within: Ref!) {{ {list_} {{ edges {{ node {{ {field} }} }} }} }}"
            counted: list[Counter[str]] = []
            for org in (little, much):
                calls.clear()
                await api.ask(ada, query, within=org)
                counted.append(Counter(calls))
            one, many = counted
            if many != one:
                dear.append((f"{list_} {field}", one, many))
    assert not dear, "\n".join(map(str, dear))


async def test_effective_policies_of_fifty_clusters_cost_what_those_of_one_cost(
    api: Api, ada: Person, calls: Counter[str]
) -> None:
    await api.organization(ada, "one", "many")
    for place, count in (("acme/one", 1), ("acme/many", _MANY)):
        await api.done(ada, "applyPolicy", group=place, document=a_policy("p"))
        for number in range(count):
            await api.done(ada, "createCluster", group=place, name=f"c{number}")
    query = """query($within: Ref!) { clusters(within: $within) { edges { node {
      effectivePolicies { edges { node { name } via { name } path { name } } } } } } }"""
    counted: list[Counter[str]] = []
    for place, count in (("acme/one", 1), ("acme/many", _MANY)):
        calls.clear()
        found = await api.ask(ada, query, within=place)
        assert len(found["clusters"]["edges"]) == count
        counted.append(Counter(calls))

    one, many = counted
    assert many == one
    assert many.total() <= len(_AROUND) + 5, many


async def test_one_cluster_with_its_effective_policies_is_a_handful_of_calls(
    api: Api, ada: Person, calls: Counter[str]
) -> None:
    await api.organization(ada, "a", "a/b", "a/b/c")
    await api.done(ada, "createCluster", group="acme/a/b/c", name="k")
    query = (
        "query($ref: Ref!) { cluster(ref: $ref) { effectivePolicies { edges { node { name } } } } }"
    )
    calls.clear()
    await api.ask(ada, query, ref="acme/a/b/c/k")
    assert calls.total() <= len(_AROUND) + 4, calls


async def test_the_same_question_under_many_aliases_is_asked_once(
    api: Api, ada: Person, calls: Counter[str]
) -> None:
    await api.organization(ada)
    asked = " ".join(f"a{n}: effectivePolicies {{ totalCount }}" for n in range(20))
    calls.clear()
    await api.ask(ada, f'{{ group(ref: "acme") {{ {asked} }} }}')
    assert calls["policies/bound_policies"] == 1
