from tests.api.client import Api, Person

GROUP = "query($ref: Ref!) { group(ref: $ref) { id name path } }"


async def test_a_group_is_created_below_another(api: Api, ada: Person) -> None:
    org = await api.organization(ada)
    before = await api.revision(ada)

    outcome = await api.done(ada, "createGroup", parent=org, name="prod", description="Customers")

    assert outcome["__typename"] == "GroupWritten"
    assert outcome["group"]["path"] == "acme/prod"
    assert outcome["group"]["parentId"] == org
    assert outcome["group"]["description"] == "Customers"
    assert outcome["revision"] == await api.revision(ada) != before
    assert outcome["changeId"].startswith("chg_")
