"""How a board is cited: by its question, and by digests of all that its numbers hang on."""

from __future__ import annotations

from dataclasses import dataclass

from serbench.scorecache import METRICS
from serbench.site.atlas import Sheet
from serbench.site.masthead import SERBENCH, Masthead

DIGITS = 12  # of a SHA-256, enough to tell releases and folds apart
# BibTeX counts braces even where LaTeX would print them: they must not stand in a field as such.
PRINTED = {
    "\\": r"{\textbackslash}", "{": r"{\textbraceleft}", "}": r"{\textbraceright}",
    "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "~": r"{\textasciitilde}",
    "^": r"{\textasciicircum}", '"': "{''}", "<": r"{\textless}", ">": r"{\textgreater}",
}  # fmt: skip


@dataclass(frozen=True)
class Citation:
    """A board in a list of references, as text and for BibTeX, and what it names in full."""

    text: str
    bibtex: str
    digests: tuple[tuple[str, str], ...]  # what each is of, and the SHA-256


def cited(sheet: Sheet, masthead: Masthead) -> Citation:
    """How a board is cited.

    The author is who the pages are called after; where nobody gave a name there is none, and the
    reader knows whom to name.
    """
    board = sheet.board
    digests = [(f"release of {name}", print_) for name, print_ in board.fingerprints.items()]
    digests.append(("folds", board.split))
    known = ", ".join(f"{what} {print_[:DIGITS]}" for what, print_ in digests)
    how = f"Scored by serbench {masthead.version} (metrics version {METRICS})"
    heading = f"{sheet.said.heading}: a board of speech emotion recognition"
    when = f"As of {masthead.date}." if masthead.date else ""
    who = f"{masthead.title}." if masthead.named else ""
    text = " ".join(filter(None, (who, f"{heading}.", f"{how}; {known}.", when)))
    fields = {
        "author": f"{{{printed(masthead.title)}}}" if masthead.named else "",
        "key": "" if masthead.named else SERBENCH,  # what to sort by, of an entry without author
        "title": f"{{{printed(heading)}}}",
        "year": masthead.date[:4],
        "note": printed(f"{how}; {known}" + (f"; {when[0].lower()}{when[1:-1]}" if when else "")),
    }
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    first = next(iter(board.fingerprints.values()), board.split)
    bibtex = "\n".join([f"@misc{{{SERBENCH}-{sheet.slug}-{first[:8]},", ",\n".join(lines), "}"])
    return Citation(text, bibtex, tuple(digests))


def printed(text: str) -> str:
    """Text as a field of BibTeX prints it."""
    return "".join(PRINTED.get(letter, letter) for letter in text)
