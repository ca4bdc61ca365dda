"""How large a query is. A fragment is measured once, however often it is spread."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
)

from graph.paging import DEFAULT_FIRST, MAX_FIRST

_UNPAGED = 10
_EDGES = "edges"


@dataclass(frozen=True, slots=True)
class Size:
    """What a selection holds, fragments spread: its depth, and how many of the others."""

    depth: int = 0
    fields: int = 0
    aliases: int = 0
    directives: int = 0

    def beside(self, other: "Size") -> "Size":
        """Return the size of both together."""
        return Size(
            max(self.depth, other.depth),
            self.fields + other.fields,
            self.aliases + other.aliases,
            self.directives + other.directives,
        )


class Sizes:
    """Measures the selections of one document."""

    def __init__(self, document: DocumentNode) -> None:
        self._fragments = fragments(document)
        self._known: dict[str, Size] = {}

    def of(self, selection: SelectionSetNode | None) -> Size:
        """Return the size of a selection."""
        total = Size()
        for node in selection.selections if selection is not None else ():
            total = total.beside(self._of_node(node))
        return total

    def _of_node(self, node: SelectionNode) -> Size:
        own = Size(directives=len(node.directives or ()))
        match node:
            case FieldNode():
                inner = self.of(node.selection_set)
                aliased = int(node.alias is not None)
                field = Size(inner.depth + 1, inner.fields + 1, inner.aliases + aliased)
                return own.beside(field).beside(Size(directives=inner.directives))
            case FragmentSpreadNode():
                return own.beside(self._of_fragment(node.name.value))
            case InlineFragmentNode():
                return own.beside(self.of(node.selection_set))
            case _:
                return own

    def _of_fragment(self, name: str) -> Size:
        if name not in self._known:
            # One that spreads itself counts nothing here; validation says what is wrong with it.
            self._known[name] = Size()
            if name in self._fragments:
                self._known[name] = self.of(self._fragments[name].selection_set)
        return self._known[name]


@dataclass(frozen=True, slots=True)
class Lists:
    """Which fields of a schema answer many: by pages, or whole."""

    paged: frozenset[str]
    whole: frozenset[str]

    @classmethod
    def of(cls, schema: GraphQLSchema) -> "Lists":
        """Find them by their arguments and types."""
        paged: set[str] = set()
        whole: set[str] = set()
        for type_ in schema.type_map.values():
            if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__"):
                for name, field in type_.fields.items():
                    if "first" in field.args:
                        paged.add(name)
                    elif name != _EDGES and str(field.type).startswith("["):
                        whole.add(name)
        return cls(frozenset(paged), frozenset(whole))


class Costs:
    """Counts how many fields the selections of one operation may answer."""

    def __init__(
        self,
        lists: Lists,
        document: DocumentNode,
        defaults: Mapping[str, ValueNode],
        variables: Mapping[str, Any],
    ) -> None:
        self._lists = lists
        self._fragments = fragments(document)
        self._defaults = defaults
        self._variables = variables
        self._known: dict[str, int] = {}

    def of(self, selection: SelectionSetNode | None) -> int:
        """Return the cost of a selection."""
        return sum(self._of_node(node) for node in (selection.selections if selection else ()))

    def _of_node(self, node: SelectionNode) -> int:
        match node:
            case FieldNode():
                return 1 + self._times(node) * self.of(node.selection_set)
            case FragmentSpreadNode():
                name = node.name.value
                if name not in self._known:
                    self._known[name] = self.of(self._fragments[name].selection_set)
                return self._known[name]
            case InlineFragmentNode():
                return self.of(node.selection_set)
            case _:
                return 0

    def _times(self, node: FieldNode) -> int:
        """Return how many times what is below a field may be answered."""
        name = node.name.value
        if name in self._lists.whole:
            return _UNPAGED
        if name not in self._lists.paged:
            return 1
        for argument in node.arguments or ():
            if argument.name.value == "first":
                return self._first(argument.value)
        return DEFAULT_FIRST

    def _first(self, value: ValueNode) -> int:
        if isinstance(value, VariableNode):
            name = value.name.value
            if name in self._variables:
                given = self._variables[name]
                return _bounded(given) if isinstance(given, int) else MAX_FIRST
            default = self._defaults.get(name)
            return DEFAULT_FIRST if default is None else self._first(default)
        return _bounded(int(value.value)) if isinstance(value, IntValueNode) else MAX_FIRST


def _bounded(first: int) -> int:
    return min(max(first, 1), MAX_FIRST)


def operations(document: DocumentNode) -> Sequence[OperationDefinitionNode]:
    """Return a document's operations."""
    return [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]


def fragments(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    """Return a document's fragments by name."""
    return {
        node.name.value: node
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
