"""How large a query may be: its tokens, depth, aliases and cost; decided before anything runs.

Documents are parsed and validated once and kept: that is 80 % of the cost of a small query.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    parse,
    specified_rules,
    validate,
)
from strawberry.extensions import SchemaExtension

from api.measures import Costs, Lists, Sizes, operations

_KEPT_DOCUMENTS = 512
_MAX_KEPT_CHARACTERS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The largest query that is answered."""

    tokens: int
    depth: int
    fields: int
    aliases: int
    directives: int
    cost: int
    introspection: bool


class Documents:
    """Parses and validates query texts, and keeps what came of them."""

    def __init__(self, schema: GraphQLSchema, limits: Limits) -> None:
        self._schema = schema
        self._limits = limits
        self._lists = Lists.of(schema)
        self._kept: OrderedDict[str, tuple[DocumentNode | None, list[GraphQLError]]] = OrderedDict()

    def read(self, text: str) -> tuple[DocumentNode | None, list[GraphQLError]]:
        """Return the document of a text, or what is wrong with it."""
        found = self._kept.get(text)
        if found is None:
            found = self._read(text)
            if len(text) <= _MAX_KEPT_CHARACTERS:
                self._kept[text] = found
                if len(self._kept) > _KEPT_DOCUMENTS:
                    self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(text)
        return found

    def _read(self, text: str) -> tuple[DocumentNode | None, list[GraphQLError]]:
        try:
            document = parse(text, max_tokens=self._limits.tokens, no_location=False)
        except GraphQLError as error:
            return None, [error]
        except RecursionError:
            return None, [GraphQLError("The query is nested too deeply.")]
        too_large = _too_large(document, self._limits)
        if too_large is not None:
            return None, [too_large]
        rules = list(specified_rules)
        if not self._limits.introspection:
            rules.append(NoSchemaIntrospectionCustomRule)
        return document, validate(self._schema, document, rules, max_errors=5)

    def check_cost(
        self,
        operation: OperationDefinitionNode,
        document: DocumentNode,
        variables: Mapping[str, Any],
    ) -> None:
        """Raise `GraphQLError` for a query that could answer more than the limit.

        Every field counts as one for each time that it may be answered: a list that is paged
        multiplies by its `first`, any other by ten.
        """
        defaults = {
            definition.variable.name.value: definition.default_value
            for definition in operation.variable_definitions or ()
            if definition.default_value is not None
        }
        cost = Costs(self._lists, document, defaults, variables).of(operation.selection_set)
        if cost > self._limits.cost:
            raise GraphQLError(
                f"The query may answer more than {self._limits.cost} fields. Ask for smaller"
                f" pages (`first`), or for less within them."
            )


class DocumentCache(SchemaExtension):
    """Gives Strawberry the document that was read before the execution."""

    def on_parse(self) -> Iterator[None]:  # type: ignore[override] - a generator, as documented
        """Take the document from the context; there is nothing left to validate."""
        self.execution_context.graphql_document = self.execution_context.context.document
        self.execution_context.validation_rules = ()
        yield


def _too_large(document: DocumentNode, limits: Limits) -> GraphQLError | None:
    sizes = Sizes(document)
    for operation in operations(document):
        size = sizes.of(operation.selection_set)
        for what, found, most in (
            ("levels", size.depth, limits.depth),
            ("fields", size.fields, limits.fields),
            ("aliases", size.aliases, limits.aliases),
            ("directives", size.directives, limits.directives),
        ):
            if found > most:
                return GraphQLError(f"The query has more than {most} {what}. Ask for less.")
    return None
