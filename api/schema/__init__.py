"""The GraphQL schema, built from the modules beside this one."""

import strawberry
from graphql import GraphQLError, GraphQLSchema, build_schema
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from api.limits import DocumentCache
from api.schema.mutations import Mutation
from api.schema.outcomes import HANDLERS
from api.schema.queries import Query
from api.schema.scalars import SCALARS


class _Schema(strawberry.Schema):
    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Leave the log to the endpoint, which knows what is a defect and what a refusal."""
        del errors, execution_context


schema = _Schema(
    query=Query,
    mutation=Mutation,
    config=StrawberryConfig(disable_field_suggestions=True, scalar_map=SCALARS),
    exception_handlers=HANDLERS,
    extensions=[DocumentCache],
)

# The schema as graphql-core has it is what documents are validated against. Printed and read again,
# since Strawberry keeps its own to itself.
graphql_schema: GraphQLSchema = build_schema(schema.as_str())
