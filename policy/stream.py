"""From the text of a YAML stream to trees: the only module that imports yaml.

The trees are built from parser events, not by PyYAML's composer: that one recurses, keeps no
limits on nesting and aliases, and lets duplicate names pass.
"""

from typing import Any, cast

import yaml

from policy.nodes import Document, Mapping, Member, Node, Place, Scalar, Sequence
from policy.problems import Report, join
from policy.scalars import ScalarError, resolve
from policy.screening import place_of

MAX_DEPTH = 100
MAX_VALUES = 50_000

_MERGE_TAG = "tag:yaml.org,2002:merge"

_yaml: Any = yaml  # its stubs leave parse() untyped

# libyaml reads a large document some twenty times faster; the events are the same.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_stream(text: str, report: Report) -> list[Document]:
    """Read every document of the stream.

    Problems go to `report`. At one that leaves no tree to read (not YAML, nested too deep, too many
    values) the answer is empty.
    """
    builder = _Builder(text, report)
    try:
        for event in _yaml.parse(text, _LOADER):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark = cast("Any", error.problem_mark or error.context_mark)
        # libyaml ends every text in a line break; the place is one in the text as it is.
        place = place_of(text, min(mark.index, len(text)))
        reason = ", ".join(part for part in (error.context, error.problem) if part)
        if text[mark.index : mark.index + 1] == "\t":
            reason += " (a tab; YAML is indented with spaces)"
        report.error(f"this is not YAML: {reason}", builder.path, place)
    except yaml.YAMLError as error:  # pragma: no cover  # a character, which screening refused
        report.error(f"this is not YAML: {error}")
    except _StopError as stop:
        report.error(str(stop), "", stop.place)
    else:
        return builder.documents
    return []


class _StopError(Exception):
    """Reading on would cost too much, or makes no sense."""

    def __init__(self, message: str, place: Place) -> None:
        self.place = place
        super().__init__(message)


class _Frame:
    """A collection that is being read; for a mapping also the name whose value comes next."""

    def __init__(self, node: Sequence | Mapping, anchor: str | None) -> None:
        self.node = node
        self.anchor = anchor
        self.name: tuple[str, Place] | None = None
        self.merged: list[Mapping] = []


class _Builder:
    """Takes parser events one by one and builds a tree per document, without recursion."""

    def __init__(self, text: str, report: Report) -> None:
        self.documents: list[Document] = []
        self._text = text
        self._report = report
        self._stack: list[_Frame] = []
        self._anchors: dict[str, Node | None] = {}  # None while the node is being read

    @property
    def path(self) -> str:
        """The field path of what is being read."""
        path = ""
        for frame in self._stack:
            if isinstance(frame.node, Sequence):
                path += f"[{len(frame.node.items)}]"
            elif frame.name:
                path = join(path, frame.name[0])
        return path

    def take(self, event: Any) -> None:
        place = (event.start_mark.line + 1, event.start_mark.column + 1)
        match event:
            case yaml.DocumentStartEvent():
                self._start_document(event)
            case yaml.ScalarEvent():
                self._attach(self._scalar(event, place), event.anchor, event)
            case yaml.SequenceStartEvent():
                self._push(Sequence(place), event.anchor)
            case yaml.MappingStartEvent():
                self._push(Mapping(place), event.anchor)
            case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                self._pop()
            case yaml.AliasEvent():
                self._attach(self._alias(event.anchor, place), None, event)
            case _:
                pass

    def _start_document(self, event: Any) -> None:
        # What stands above the first document belongs to it, unless a `---` parts the two.
        start = event.start_mark.index if event.explicit else 0
        if self.documents:
            self.documents[-1].end = start
        self.documents.append(Document(None, start, len(self._text)))
        self._anchors.clear()

    def _scalar(self, event: Any, place: Place) -> Scalar:
        try:
            value = resolve(event.value, event.tag, plain=event.implicit[0])
        except ScalarError as error:
            self._report.error(str(error), self.path, place)
            value = None
        return Scalar(place, value, event.value)

    def _alias(self, anchor: str, place: Place) -> Node:
        if anchor not in self._anchors:
            raise _StopError(f"there is no anchor `&{anchor[:80]}` above this alias", place)
        node = self._anchors[anchor]
        if node is None:
            raise _StopError(f"the value of the anchor `&{anchor[:80]}` holds itself", place)
        return node

    def _push(self, node: Sequence | Mapping, anchor: str | None) -> None:
        if len(self._stack) >= MAX_DEPTH:
            raise _StopError(f"values are nested more than {MAX_DEPTH} deep", node.place)
        if anchor:
            self._anchors[anchor] = None
        self._stack.append(_Frame(node, anchor))

    def _pop(self) -> None:
        frame = self._stack.pop()
        if isinstance(frame.node, Mapping):
            for merged in frame.merged:
                for name, member in merged.members.items():
                    frame.node.members.setdefault(name, member)
        self._attach(frame.node, frame.anchor, None)

    def _attach(self, node: Node, anchor: str | None, event: Any) -> None:
        if anchor:
            self._anchors[anchor] = node
        if not self._stack:
            empty = isinstance(node, Scalar) and not node.source and event.implicit[0]
            self.documents[-1].root = None if empty else node
            return
        frame = self._stack[-1]
        place = _place(event) or node.place
        frame.node.size += node.size
        frame.node.height = max(frame.node.height, node.height + 1)
        if frame.node.size > MAX_VALUES:
            raise _StopError(f"there are more than {MAX_VALUES:,} values, aliases followed", place)
        if frame.node.height + len(self._stack) > MAX_DEPTH + 1:
            raise _StopError(f"values are nested more than {MAX_DEPTH} deep", place)
        if isinstance(frame.node, Sequence):
            frame.node.items.append(node)
        elif frame.name is None:
            frame.name = self._name(node, event, place), place
        else:
            self._put(frame, frame.node, node)
            frame.name = None

    def _name(self, node: Node, event: Any, place: Place) -> str:
        if not isinstance(node, Scalar) or node.value is None:
            raise _StopError("a member's name must be text", place)
        if node.source == "<<" and getattr(event, "implicit", (False,))[0]:
            return _MERGE_TAG
        if getattr(event, "tag", None) == _MERGE_TAG:
            return _MERGE_TAG
        if isinstance(node.value, bool):
            return str(node.value).lower()
        return node.value if isinstance(node.value, str) else node.source

    def _put(self, frame: _Frame, mapping: Mapping, value: Node) -> None:
        if frame.name is None:  # pragma: no cover  # a value always follows a name
            return
        name, place = frame.name
        if name == _MERGE_TAG:
            merged = value.items if isinstance(value, Sequence) else [value]
            for one in merged:
                if isinstance(one, Mapping):
                    frame.merged.append(one)
                else:
                    self._report.error("`<<` merges mappings, and this is not one", "", place)
        elif name in mapping.members:
            first = mapping.members[name].place[0]
            message = f"`{name[:80]}` is given twice, on line {first} and on line {place[0]}"
            self._report.error(message, self.path, place)
        else:
            mapping.members[name] = Member(place, value)


def _place(event: Any) -> Place | None:
    return (event.start_mark.line + 1, event.start_mark.column + 1) if event else None
