"""The policies of an organization file: documents in it, or in files beside it."""

import functools
from collections.abc import Iterator, Mapping

from graph.names import check_name
from graph.organization_checks import Checks, Problem, read_text, why_unread
from graph.organization_entries import PolicyEntry
from graph.organization_yaml import MapValue, Value
from policy import PolicyDocumentError, parse_policy
from policy.problems import Severity


class PolicyReader:
    """Reads the policies of one group after the other, and parses each text only once."""

    def __init__(self, checks: Checks, *, require_identities: bool) -> None:
        self._checks = checks
        self._require_identities = require_identities
        self._names: dict[str, str | None] = {}

    def read(self, value: Value | None) -> Iterator[PolicyEntry]:
        """Read the policies of a group, in the file's order."""
        checks = self._checks
        seen: dict[str, Value] = {}
        for item in checks.items(value):
            members: Mapping[str, Value] = {"file": item}
            if isinstance(item, MapValue):
                members = checks.fields(item, ("file", "document", "description"))
                if ("file" in members) == ("document" in members):
                    checks.report(item, "needs `file` or `document`, and not both")
                    continue
            description = checks.description(members.get("description"))
            file = checks.text(members.get("file"))
            document = checks.text(members.get("document"))
            if file is not None:
                document = self._policy_file(members["file"], file)
            if document is None:
                continue
            name = self._policy_name(members.get("document") or members["file"], document, file)
            if name:
                # Kubernetes allows longer names; in a path it has to be one of ours.
                checks.check(item, functools.partial(check_name, name, what="policy"))
                checks.unique(seen, name, item, "a policy")
                yield PolicyEntry(name, document, description, file)

    def _policy_file(self, value: Value, file: str) -> str | None:
        folder = self._checks.file.parent.resolve()
        try:
            # Resolved first: a symbolic link may lead out of the folder as well as `..` does.
            path = (folder / file).resolve()
            if not path.is_relative_to(folder):
                said = f"{file!r} lies outside the folder of the organization file"
                self._checks.report(value, said)
                return None
            return read_text(path)
        except (OSError, ValueError) as error:
            self._checks.report(value, f"{file!r} {why_unread(error)}")
            return None

    def _policy_name(self, value: Value, document: str, file: str | None) -> str | None:
        """Return the document's `metadata.name`; report what is wrong with it, once a text."""
        if document in self._names:
            return self._names[document]
        try:
            name = parse_policy(document, require_identities=self._require_identities).name
        except PolicyDocumentError as error:
            name = None
            self._report_policy(value, error, file)
        self._names[document] = name
        return name

    def _report_policy(self, value: Value, error: PolicyDocumentError, file: str | None) -> None:
        for problem in error.problems:
            if problem.severity is not Severity.ERROR:
                continue
            line, column = problem.line or 1, problem.column or 1
            if file is None:
                at = f"line {line}, column {column} of the document: "
                at += f"{problem.field}: " if problem.field else ""
                self._checks.report(value, at + problem.message)
            else:
                place = str(self._checks.file.parent / file)
                self._checks.problems.append(
                    Problem(place, line, column, problem.field, problem.message)
                )
