"""How large a query may be: its tokens, depth, aliases and cost; decided before anything runs.

Documents are parsed and validated once and kept: that is 80 % of the cost of a small query.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    IntValueNode,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    parse,
    specified_rules,
    validate,
)
from strawberry.extensions import SchemaExtension

from graph.paging import DEFAULT_FIRST, MAX_FIRST

_KEPT_DOCUMENTS = 512
_MAX_KEPT_CHARACTERS = 20_000
_LIST_FIELDS = frozenset({"edges"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The largest query that is answered."""

    tokens: int
    depth: int
    aliases: int
    cost: int
    introspection: bool


class Documents:
    """Parses and validates query texts, and keeps what came of them."""

    def __init__(self, schema: GraphQLSchema, limits: Limits) -> None:
        self._schema = schema
        self._limits = limits
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

    def check_cost(self, document: DocumentNode, variables: Mapping[str, Any]) -> None:
        """Raise `GraphQLError` for a query that could answer more than the limit.

        Every field counts as one for each time that it may be answered: a list multiplies by its
        `first`.
        """
        fragments = _fragments(document)
        for operation in _operations(document):
            cost = _cost(operation.selection_set, fragments, variables, self._limits.cost)
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
    fragments = _fragments(document)
    for operation in _operations(document):
        try:
            depth, aliases = _measure(operation.selection_set, fragments, limits.depth, ())
        except _TooDeepError:
            return GraphQLError(f"The query is deeper than {limits.depth} levels.")
        del depth
        if aliases > limits.aliases:
            return GraphQLError(f"The query has {aliases} aliases; {limits.aliases} are allowed.")
    return None


class _TooDeepError(Exception):
    pass


def _measure(
    selection: SelectionSetNode,
    fragments: Mapping[str, FragmentDefinitionNode],
    left: int,
    open_fragments: tuple[str, ...],
) -> tuple[int, int]:
    """Return the depth and the number of aliases below a selection."""
    if left < 0:
        raise _TooDeepError
    depth = aliases = 0
    for node in selection.selections:
        inner = getattr(node, "selection_set", None)
        names = open_fragments
        if isinstance(node, FragmentSpreadNode):
            name = node.name.value
            if name in names or name not in fragments:
                continue  # validation says what is wrong with it
            inner, names = fragments[name].selection_set, (*names, name)
        step = 1 if isinstance(node, FieldNode) else 0
        aliases += isinstance(node, FieldNode) and node.alias is not None
        if inner is not None:
            below, more = _measure(inner, fragments, left - step, names)
            depth, aliases = max(depth, below + step), aliases + more
    return depth, aliases


def _cost(
    selection: SelectionSetNode,
    fragments: Mapping[str, FragmentDefinitionNode],
    variables: Mapping[str, Any],
    most: int,
) -> int:
    """Return how many fields a selection may answer; stops counting past the limit."""
    total = 0
    for node in selection.selections:
        if isinstance(node, FragmentSpreadNode):
            total += _cost(fragments[node.name.value].selection_set, fragments, variables, most)
        elif isinstance(node, FieldNode):
            inner = node.selection_set
            times = _times(node, variables)
            total += 1 + (times * _cost(inner, fragments, variables, most) if inner else 0)
        else:
            total += _cost(node.selection_set, fragments, variables, most)  # type: ignore[attr-defined]
        if total > most:
            return most + 1
    return total


def _times(node: FieldNode, variables: Mapping[str, Any]) -> int:
    """Return how many times what is below a field may be answered."""
    selected = node.selection_set.selections if node.selection_set else ()
    if not any(
        isinstance(each, FieldNode) and each.name.value in _LIST_FIELDS for each in selected
    ):
        return 1
    for argument in node.arguments or ():
        if argument.name.value == "first":
            match argument.value:
                case IntValueNode() as literal:
                    return min(max(int(literal.value), 1), MAX_FIRST)
                case VariableNode() as variable:
                    given = variables.get(variable.name.value, DEFAULT_FIRST)
                    return min(max(given, 1), MAX_FIRST) if isinstance(given, int) else MAX_FIRST
                case _:
                    return MAX_FIRST
    return DEFAULT_FIRST


def _operations(document: DocumentNode) -> list[OperationDefinitionNode]:
    return [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]


def _fragments(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    return {
        node.name.value: node
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
