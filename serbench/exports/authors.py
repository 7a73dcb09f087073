"""Who made a corpus, as its citation says."""

from __future__ import annotations

import re


def author_of(bibtex: str) -> str | None:
    r"""The authors of a BibTeX entry as plain text; None if it names none.

    Examples
    --------
    >>> author_of("@misc{x, author = {{von} Bee, Ann and\n  C. Dee}, year = 2026}")
    'Ann von Bee, C. Dee'
    """
    found = re.search(r"\bauthor\s*=\s*([{\"])", bibtex, re.IGNORECASE)
    if found is None:
        return None
    closing = "}" if found[1] == "{" else '"'
    depth, text = 0, ""
    for letter in bibtex[found.end() :]:
        if letter == closing and depth == 0:
            break
        depth += {"{": 1, "}": -1}.get(letter, 0)
        text += letter
    names = re.sub(r"[{}\\]", "", text)  # LaTeX's groups; an accent stays as it is typed
    people = (" ".join(name.split()) for name in re.split(r"\s+and\s+", names))
    return ", ".join(_forename_first(name) for name in people) or None


def _forename_first(name: str) -> str:
    family, comma, forenames = name.partition(",")
    return f"{forenames.strip()} {family}" if comma else name
