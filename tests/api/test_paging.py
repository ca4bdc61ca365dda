"""Pages concatenate to the exact list, whichever list and however small the page."""

from typing import Any

import pytest

from tests.api.client import Api, Person
from tests.given import a_policy

PAGE = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount revision"
ROOT_LISTS = ("groups", "clusters", "policies", "users", "roleBindings")
LISTS: dict[str, str] = {
    name: f"{name}(first: $first, after: $after) {{ %s edges {{ cursor node {{ id }} }} }}"
    for name in ROOT_LISTS
}
LISTS["changes"] = LISTS["groups"].replace("groups(", 'changes(organization: "acme", ')
OF_GROUP = ("children", "descendants", "clusters", "policies", "effectivePolicies", "members")
OF_CLUSTER = ("effectivePolicies",)
OF_POLICY = ("clusters", "versions")
OF_VIEWER = ("access", "groups")
LISTS.update(
    {
        f"{kind}.{name}": f'{kind}(ref: "{ref}") {{ page: {name}(first: $first, after: $after)'
        " { %s edges { cursor node { id } } } }"
        for kind, ref, names in (
            ("group", "acme", OF_GROUP),
            ("cluster", "acme/c1", OF_CLUSTER),
            ("policy", "acme/p1", OF_POLICY),
        )
        for name in names
    }
)
LISTS.update(
    {
        f"viewer.{name}": f"viewer {{ user {{ page: {name}(first: $first, after: $after)"
        " { %s edges { cursor node { id } } } } }"
        for name in OF_VIEWER
    }
)
SIZES = {
    "groups": 6,
    "clusters": 5,
    "policies": 4,
    "users": 4,
    "roleBindings": 4,
    "changes": 20,
    "group.children": 4,
    "group.descendants": 5,
    "group.clusters": 4,
    "group.policies": 4,
    "group.effectivePolicies": 4,
    "group.members": 4,
    "cluster.effectivePolicies": 4,
    "policy.clusters": 5,
    "policy.versions": 3,
    "viewer.access": 1,
    "viewer.groups": 6,
}


async def _filled(api: Api, ada: Person) -> None:
    await api.organization(ada, "g1", "g2", "g3", "g4", "g1/g1")
    for number in range(1, 5):
        await api.done(ada, "createCluster", group="acme", name=f"c{number}")
        await api.done(ada, "applyPolicy", group="acme", document=a_policy(f"p{number}"))
    for mode in ("warn", "enforce"):
        await api.done(ada, "applyPolicy", group="acme", document=a_policy("p1", mode=mode))
    await api.done(ada, "createCluster", group="acme/g1/g1", name="c1")
    for role in ("viewer", "editor", "viewer"):
        await api.member(ada, "acme", role)


async def _page(api: Api, ada: Person, list_: str, **variables: Any) -> dict[str, Any]:
    query = f"query($first: Int!, $after: String) {{ {LISTS[list_] % PAGE} }}"
    found = await api.ask(ada, query, **variables)
    while "edges" not in found:
        (found,) = found.values()
    return found


async def test_pages_concatenate_to_the_exact_list(api: Api, ada: Person) -> None:
    await _filled(api, ada)
    for list_, size in SIZES.items():
        whole = await _page(api, ada, list_, first=1000)
        ids = [edge["node"]["id"] for edge in whole["edges"]]
        assert (len(ids), whole["totalCount"], list_) == (size, size, list_)
        assert len(set(ids)) == size
        assert whole["pageInfo"]["hasNextPage"] is False
        for first in (1, 2, 3):
            assert await _walked(api, ada, list_, first, whole) == ids, list_


async def _walked(
    api: Api, ada: Person, list_: str, first: int, whole: dict[str, Any]
) -> list[str]:
    ids: list[str] = []
    after: str | None = None
    more = True
    while more:
        page = await _page(api, ada, list_, first=first, after=after)
        info = page["pageInfo"]
        assert 1 <= len(page["edges"]) <= first
        assert (page["totalCount"], page["revision"]) == (whole["totalCount"], whole["revision"])
        assert info["hasPreviousPage"] is (after is not None)
        assert info["startCursor"] == page["edges"][0]["cursor"]
        assert info["endCursor"] == page["edges"][-1]["cursor"]
        ids += [edge["node"]["id"] for edge in page["edges"]]
        after, more = info["endCursor"], info["hasNextPage"]
    return ids


async def test_a_page_of_none_says_how_long_the_list_is(api: Api, ada: Person) -> None:
    await _filled(api, ada)
    for list_, size in SIZES.items():
        page = await _page(api, ada, list_, first=0)
        assert (page["edges"], page["totalCount"]) == ([], size), list_
        assert page["pageInfo"]["hasNextPage"] is True, list_


async def test_a_cursor_of_another_list_is_refused_by_every_list(api: Api, ada: Person) -> None:
    await _filled(api, ada)
    cursors = {
        list_: (await _page(api, ada, list_, first=1))["pageInfo"]["endCursor"] for list_ in SIZES
    }
    for list_ in SIZES:
        for other, after in cursors.items():
            if other != list_:
                query = f"query($first: Int!, $after: String) {{ {LISTS[list_] % PAGE} }}"
                refused = await api.refused(ada, query, first=1, after=after)
                assert (refused["code"], "`after`" in refused["message"]) == ("INVALID_INPUT", True)


@pytest.mark.parametrize(
    "after", ["", "x", "bm90IGpzb24", "W10", "e30", "bnVsbA", "ÿ", "W1tdLFtdXQ"]
)
async def test_what_is_no_cursor_at_all_is_refused(api: Api, ada: Person, after: str) -> None:
    await api.organization(ada)
    for list_ in ("groups", "changes", "group.members"):
        query = f"query($first: Int!, $after: String) {{ {LISTS[list_] % PAGE} }}"
        refused = await api.refused(ada, query, first=1, after=after)
        assert (refused["code"], "`after`" in refused["message"]) == ("INVALID_INPUT", True)


@pytest.mark.parametrize("first", [-1, 1001, 2_147_483_647])
async def test_a_page_of_an_impossible_size_is_refused(api: Api, ada: Person, first: int) -> None:
    await api.organization(ada)
    for list_ in ("groups", "group.children", "group.members"):
        query = f"query($first: Int!, $after: String) {{ {LISTS[list_] % PAGE} }}"
        refused = await api.refused(ada, query, first=first)
        assert (refused["code"], str(first) in refused["message"]) == ("INVALID_INPUT", True)


async def test_a_strict_page_fails_once_anything_was_changed(api: Api, ada: Person) -> None:
    await api.organization(ada, "a", "b", "c")
    query = (
        "query($after: String, $strict: Boolean!) { groups(first: 2, after: $after,"
        " strict: $strict) { revision pageInfo { endCursor } edges { node { name } } } }"
    )
    first = (await api.ask(ada, query, strict=True))["groups"]
    after = first["pageInfo"]["endCursor"]
    second = (await api.ask(ada, query, after=after, strict=True))["groups"]
    assert second["revision"] == first["revision"]

    await api.done(ada, "createGroup", parent="acme", name="ad")

    refused = await api.refused(ada, query, after=after, strict=True)
    assert (refused["code"], "Start again" in refused["message"]) == ("CONFLICT", True)
    loose = (await api.ask(ada, query, after=after, strict=False))["groups"]
    assert [edge["node"]["name"] for edge in loose["edges"]] == ["ad", "b"]
    assert loose["revision"] != first["revision"]


async def _edges(api: Api, ada: Person, query: str, **variables: Any) -> dict[str, Any]:
    found = await api.ask(ada, query, **variables)
    while "edges" not in found:
        (found,) = found.values()
    return found


@pytest.mark.parametrize(
    ("list_", "entries", "take_away"),
    [
        ("effectivePolicies", "node { name }", "deletePolicy"),
        ("policies", "node { name }", "deletePolicy"),
        ("members", "binding { id }", "deleteRoleBinding"),
        ("children", "node { name }", "deleteGroup"),
    ],
)
async def test_a_page_leaves_nothing_out_when_what_was_before_it_is_gone(
    api: Api, ada: Person, list_: str, entries: str, take_away: str
) -> None:
    await api.organization(ada, "b", "d", "f")
    for name in ("b", "d", "f"):
        await api.done(ada, "applyPolicy", group="acme", document=a_policy(name))
        await api.member(ada, "acme", "viewer")
    query = f"""query($first: Int!, $after: String) {{ group(ref: "acme") {{
      {list_}(first: $first, after: $after) {{
      pageInfo {{ endCursor }} edges {{ {entries} }} }} }} }}"""
    whole = (await _edges(api, ada, query, first=50))["edges"]
    start = await _edges(api, ada, query, first=2)
    mine = "query($user: Ref!) { roleBindings(user: $user) { edges { node { id } } } }"
    (own,) = (await api.ask(ada, mine, user=ada.id))["roleBindings"]["edges"]
    gone = next(each for each in start["edges"] if each.get("binding") != own["node"])
    if take_away == "deleteRoleBinding":
        await api.done(ada, take_away, binding=gone["binding"]["id"])
    elif take_away == "deletePolicy":
        await api.done(ada, take_away, policy=f"acme/{gone['node']['name']}")
    else:
        await api.done(ada, take_away, group=f"acme/{gone['node']['name']}")

    rest = await _edges(api, ada, query, first=50, after=start["pageInfo"]["endCursor"])

    assert [*start["edges"], *rest["edges"]] == whole


async def test_a_cursor_is_for_the_same_arguments_of_the_same_thing(api: Api, ada: Person) -> None:
    for name in ("one", "two"):
        await api.organization(ada, "a", "b", name=name)
        for policy in ("p", "q"):
            await api.done(ada, "applyPolicy", group=name, document=a_policy(policy))
    for asked, otherwise in (
        ('changes(organization: "one", %s', 'changes(organization: "two", %s'),
        ('groups(within: "one", %s', 'groups(within: "two", %s'),
        ("groups(%s", 'groups(within: "two", %s'),
        ("groups(%s", 'groups(name: "a", %s'),
        ("policies(%s", 'policies(name: "p", %s'),
        ('roleBindings(role: "owner", %s', "roleBindings(%s"),
        ('group(ref: "one") { effectivePolicies(%s', 'group(ref: "two") { effectivePolicies(%s'),
        (
            'group(ref: "one") { effectivePolicies(%s',
            'group(ref: "one") { effectivePolicies(image: "nginx", %s',
        ),
        ('group(ref: "one") { children(%s', 'group(ref: "two") { children(%s'),
        ('group(ref: "one") { members(%s', 'group(ref: "two") { members(%s'),
        ('policy(ref: "one/p") { versions(%s', 'policy(ref: "two/p") { versions(%s'),
    ):
        first, then = (
            f"{text % page}) {{ pageInfo {{ endCursor }} edges {{ cursor }} }}"
            + (" }" if "{" in text else "")
            for text, page in ((asked, "first: 1"), (otherwise, "first: 1, after: $after"))
        )
        cursor = (await _edges(api, ada, f"{{ {first} }}"))["pageInfo"]["endCursor"]
        refused = await api.refused(ada, f"query($after: String) {{ {then} }}", after=cursor)
        assert (refused["code"], "`after`" in refused["message"]) == ("INVALID_INPUT", True), then


@pytest.mark.parametrize(
    "list_",
    [
        'groups(within: "one", first: 1, %s) { %s }',
        'group(ref: "one") { children(first: 1, %s) { %s } }',
        'group(ref: "one") { effectivePolicies(first: 1, %s) { %s } }',
        'group(ref: "one") { members(first: 1, %s) { %s } }',
        'policy(ref: "one/p") { versions(first: 1, %s) { %s } }',
    ],
)
async def test_strict_pages_fail_by_a_write_to_their_own_organization_alone(
    api: Api, ada: Person, list_: str
) -> None:
    for name in ("one", "two"):
        await api.organization(ada, "a", name=name)
    await api.done(ada, "applyPolicy", group="one", document=a_policy("p"))
    fields = "revision pageInfo { endCursor } edges { cursor }"
    query = "query($after: String) { " + list_ % ("after: $after, strict: true", fields) + " }"
    first = await _edges(api, ada, query)
    after = first["pageInfo"]["endCursor"]

    await api.done(ada, "createGroup", parent="two", name="elsewhere")
    assert (await _edges(api, ada, query, after=after))["revision"] == first["revision"]

    await api.done(ada, "createGroup", parent="one", name="here")
    assert (await api.refused(ada, query, after=after))["code"] == "CONFLICT"
