"""Every scenario of this folder, on both stores: by the use cases, and over HTTP."""

import pytest

from api.app import create_app
from api.settings import Settings
from graph.engine import Graph
from tests.api.conftest import calling
from tests.api.issuer import AUDIENCE, Issuer
from tests.given import Clock
from tests.scenarios.by_api import ByApi
from tests.scenarios.by_use_cases import ByUseCases
from tests.scenarios.telling import Scenario, scenarios, tell

SCENARIOS = [pytest.param(each, id=each.name) for each in scenarios()]


@pytest.fixture(scope="session")
def issuer() -> Issuer:
    return Issuer()


@pytest.mark.parametrize("scenario", SCENARIOS)
async def test_the_use_cases_do_what_a_scenario_says(
    scenario: Scenario, graph: Graph, clock: Clock
) -> None:
    wrong = await tell(scenario, ByUseCases(graph, clock))
    assert not wrong, f"{scenario.rule}\n" + "\n".join(wrong)


@pytest.mark.parametrize("scenario", SCENARIOS)
async def test_the_api_does_what_a_scenario_says(
    scenario: Scenario, graph: Graph, clock: Clock, issuer: Issuer
) -> None:
    settings = Settings(issuer=issuer.name, audience=AUDIENCE)
    app = create_app(graph, settings, None, issuers=(issuer.trusted(),))
    async with calling(app, graph, issuer) as api:
        wrong = await tell(scenario, ByApi(api, clock))
    assert not wrong, f"{scenario.rule}\n" + "\n".join(wrong)
