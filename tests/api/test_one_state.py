"""An answer is of one state, also below a mutation, though others write while it is made."""

from typing import Any

import pytest

from graph import groups
from graph.session import Session
from queries import Statement
from tests.api.client import Api, Person

_FIELDS = "counts { groups } children { edges { node { counts { groups } } } }"
_QUESTION = f'{{ group(ref: "acme") {{ {_FIELDS} }} }}'
_MUTATION = f"""mutation {{ updateGroup(input: {{group: "acme", description: "told"}}) {{
  ... on GroupWritten {{ group {{ {_FIELDS} }} }} }} }}"""


@pytest.mark.parametrize("query", [_QUESTION, _MUTATION])
async def test_a_write_between_two_parts_of_an_answer_shows_in_both_or_in_none(
    api: Api, ada: Person, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    await api.organization(ada, "a")
    run, met = Session.run, list[str]()

    async def meddling(self: Session, statement: Statement[Any]) -> Any:
        answer = await run(self, statement)
        if statement.name == "groups/list_children" and not met:
            met.append(statement.name)
            await groups.create_group(api.graph, caller=ada.caller, parent="acme/a", name="b")
        return answer

    monkeypatch.setattr(Session, "run", meddling)
    (found,) = (await api.ask(ada, query)).values()

    group = found.get("group", found)
    below = [edge["node"]["counts"]["groups"] for edge in group["children"]["edges"]]
    assert met
    assert group["counts"]["groups"] == 1 + sum(below)
