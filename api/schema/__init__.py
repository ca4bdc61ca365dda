"""The GraphQL schema, built from the modules beside this one."""

import strawberry
from graphql import GraphQLSchema, build_schema
from strawberry.schema.config import StrawberryConfig

from api.limits import DocumentCache
from api.schema.mutations import Mutation
from api.schema.outcomes import HANDLERS
from api.schema.queries import Query
from api.schema.scalars import SCALARS

schema = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    config=StrawberryConfig(disable_field_suggestions=True, scalar_map=SCALARS, sort_schema=True),
    exception_handlers=HANDLERS,
    extensions=[DocumentCache],
)

# The schema as graphql-core has it is what documents are validated against. Printed and read again,
# since Strawberry keeps its own to itself.
graphql_schema: GraphQLSchema = build_schema(schema.as_str())
