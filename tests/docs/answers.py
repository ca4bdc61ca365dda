"""Write the answers in the documentation anew: `python -m tests.docs.answers`."""

import itertools
from pathlib import Path

from tests.docs.pages import PAGES, Known, blocks, pretty, shortened
from tests.docs.service import Service, serving

_MOST = 100


def main() -> None:
    """Ask every example of the running sample and write down what it answers."""
    with serving() as service:
        for page in PAGES:
            _rewrite(page, service)


def _rewrite(page: Path, service: Service) -> None:
    text, known, moved = page.read_text(), Known(), 0
    found = blocks(text)
    for query, answer in itertools.pairwise(found):
        if (query.language, answer.language) != ("graphql", "json"):
            continue
        by = query.words.get("as", "ada")
        given = service.ask(query.text, known.variables(query.text), by=by)
        known.learn(given)
        new = pretty(shortened(given, int(query.words.get("show", _MOST)))) + "\n"
        start, end = answer.span
        text = text[: start + moved] + new + text[end + moved :]
        moved += len(new) - (end - start)
    page.write_text(text)


if __name__ == "__main__":
    main()
