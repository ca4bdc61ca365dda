"""Policies in the schema."""

from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from api.context import Ask
from api.schema.connections import (
    After,
    Connection,
    First,
    ListEdge,
    Strict,
    connection,
    part,
)
from api.schema.nodes import Node, PathGroup
from graph import documents, groups, policies, reach
from graph.forest import path_text
from graph.paging import DEFAULT_FIRST, PageRequest, by_name
from policy import Problem
from queries.policies import PolicyRow, VersionRow
from queries.states import VersionState

if TYPE_CHECKING:
    from api.schema.clusters import Cluster


@strawberry.enum(description="What a policy does with what fails it.")
class Mode(Enum):
    """What a policy does with what fails it."""

    ENFORCE = "enforce"
    WARN = "warn"


@strawberry.type(description="Something doubtful in a document that was accepted.")
class PolicyWarning:
    """Something doubtful in a document."""

    message: str = strawberry.field(description="What, and what to do.")
    field: str = strawberry.field(description="The path of the field, such as spec.images[0].")
    line: int | None = strawberry.field(description="The line in the document, from 1.")
    column: int | None = strawberry.field(description="The column in the line, from 1.")

    @classmethod
    def of(cls, problem: Problem) -> "PolicyWarning":
        """Convert a problem."""
        return cls(
            message=problem.message,
            field=problem.field,
            line=problem.line,
            column=problem.column,
        )


@strawberry.type(description="One document of a policy.")
class PolicyVersion(Node):
    """One document of a policy."""

    number: int = strawberry.field(description="Counts the policy's versions from 1.")
    mode: Mode = strawberry.field(description="What a failed check does.")
    images: list[str] = strawberry.field(description="The globs of the images that it covers.")
    created_at: datetime = strawberry.field(description="When it was applied.")
    created_by: strawberry.ID = strawberry.field(description="The user who applied it.")

    @classmethod
    def of(cls, row: VersionRow | VersionState) -> "PolicyVersion":
        """Convert a version."""
        return cls(
            id=strawberry.ID(row.id),
            number=row.number,
            mode=Mode(row.mode),
            images=row.images,
            created_at=row.created_at,
            created_by=strawberry.ID(row.created_by),
        )

    @strawberry.field(description="The YAML as it was applied, but for Secrets.")
    async def document(self, info: Ask) -> str:
        """Answer the document."""
        return (await info.context.batch(policies.shown_versions, "versions", self.id)).document

    @strawberry.field(description="What is doubtful in the document.")
    async def warnings(self, info: Ask) -> list[PolicyWarning]:
        """Answer the document's warnings."""
        version = await info.context.batch(policies.shown_versions, "versions", self.id)
        return [PolicyWarning.of(each) for each in await documents.version_warnings(version)]


@strawberry.type(
    description="A ClusterImagePolicy, bound to a group; effective for it and every group below."
)
class Policy(Node):
    """A policy."""

    name: str = strawberry.field(description="The document's metadata.name.")
    description: str = strawberry.field(description="What people should know of it.")
    mode: Mode = strawberry.field(description="What a failed check does, in the active version.")
    active_version: PolicyVersion = strawberry.field(description="The version that is in force.")
    created_at: datetime = strawberry.field(description="When it was first applied.")
    organization_id: strawberry.ID = strawberry.field(description="The root of its tree.")
    group_id: strawberry.ID = strawberry.field(description="The group it is bound to.")
    row: strawberry.Private[PolicyRow]

    @classmethod
    def of(cls, row: PolicyRow) -> "Policy":
        """Convert a policy."""
        return cls(
            id=strawberry.ID(row.id),
            name=row.name,
            description=row.description,
            mode=Mode(row.version.mode),
            active_version=PolicyVersion.of(row.version),
            created_at=row.created_at,
            organization_id=strawberry.ID(row.org),
            group_id=strawberry.ID(row.group_id),
            row=row,
        )

    @strawberry.field(description="The group it is bound to.")
    async def group(self, info: Ask) -> PathGroup:
        """Answer the last group of its path."""
        path = await info.context.batch(groups.group_paths, "groups", self.group_id)
        return PathGroup.of(path[-1])

    @strawberry.field(description="The names from the root down to it, joined by /.")
    async def path(self, info: Ask) -> str:
        """Answer the path as text."""
        path = await info.context.batch(groups.group_paths, "groups", self.group_id)
        return f"{path_text(path)}/{self.name}"

    @strawberry.field(description="The document of the active version.")
    async def document(self, info: Ask) -> str:
        """Answer the document."""
        version = await info.context.batch(
            policies.shown_versions, "versions", self.active_version.id
        )
        return version.document

    @strawberry.field(
        description=(
            "Its versions, the newest first. Who sees it only where it rolls down to sees the"
            " active one."
        )
    )
    async def versions(
        self,
        info: Ask,
        first: First = DEFAULT_FIRST,
        after: After = None,
        strict: Strict = False,
    ) -> Connection[ListEdge[PolicyVersion]]:
        """Answer a page of versions."""
        page = PageRequest.of("Policy.versions", self.id, first=first, after=after, strict=strict)
        found = await info.context.batch(policies.policy_versions, "policies", self.row)
        return part(
            info.context,
            page,
            found,
            key=lambda row: (-row.number,),
            edge=_version_edge,
            org=self.organization_id,
        )

    @strawberry.field(
        description="The clusters that it is effective for and the caller may list, by name."
    )
    async def clusters(
        self,
        info: Ask,
        first: First = DEFAULT_FIRST,
        after: After = None,
        strict: Strict = False,
    ) -> Connection[ListEdge[Annotated["Cluster", strawberry.lazy("api.schema.clusters")]]]:
        """Answer a page of what it reaches."""
        from api.schema.clusters import cluster_edge  # noqa: PLC0415 - clusters show policies too

        page = PageRequest.of("Policy.clusters", self.id, first=first, after=after, strict=strict)
        found = await info.context.batch(reach.policy_clusters, "policies", self.row, page=page)
        return connection(
            info.context, page, found, key=by_name, edge=cluster_edge, org=self.organization_id
        )


def _version_edge(row: VersionRow, cursor: str) -> ListEdge[PolicyVersion]:
    return ListEdge(node=PolicyVersion.of(row), cursor=cursor)


def policy_edge(row: PolicyRow, cursor: str) -> ListEdge[Policy]:
    """Build an entry of a list of policies."""
    return ListEdge(node=Policy.of(row), cursor=cursor)
