"""``serbench corpora export``: a normalised corpus for other tools."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from serbench.cli.corpora.reading import Name, roots_for, scan_folder
from serbench.cli.options import AllowPartial, CorpusRoot
from serbench.errors import UsageError

if TYPE_CHECKING:
    from serbench.exports.columns import Normalised

EXAMPLES = """
[bold]Examples[/bold]

serbench corpora export emodb > emodb.csv

serbench corpora export iemocap --labels iemocap4 --out iemocap4.csv

serbench corpora export savee --out savee.parquet

serbench corpora export savee --format parquet --out savee-folder

serbench corpora export emodb --format audformat --out emodb-audformat
"""
# What --audio may say, the default first.
AUDIO: dict[str, tuple[str, ...]] = {
    "csv": (),
    "parquet": ("path", "embed"),
    "audformat": ("link", "none"),
}
SUFFIXES = {".csv": "csv", ".parquet": "parquet"}  # of --out, and the format that each says


def export(
    name: Name,
    format_: Annotated[
        str | None,
        typer.Option(
            "--format",
            help="csv, parquet (for Hugging Face datasets), audformat. Default: what the end of "
            "--out says, .csv or .parquet; csv without --out.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="A file that does not exist yet; for audformat a folder. For parquet a file that "
            "ends in .parquet, or a folder, which gets a README.md beside the table. CSV goes to "
            "standard output without it."
        ),
    ] = None,
    labels: Annotated[
        str | None,
        typer.Option(
            help="Only what this label space keeps, under its classes. Default: every utterance, "
            "under the corpus's own emotions."
        ),
    ] = None,
    audio: Annotated[
        str | None,
        typer.Option(
            help="parquet: path (where the file stands here) or embed (its bytes). audformat: link "
            "(to the files) or none. Default: path, link."
        ),
    ] = None,
    corpus_root: CorpusRoot = [],  # noqa: B006
    allow_partial: AllowPartial = False,
) -> None:
    """Write the normalised utterance table: every corpus in the same columns.

    In CSV, `file` is the sound's path as its authors distribute it, and `path`, the last column,
    where it stands on this machine. Votes are a JSON object. A `text` that a spreadsheet would take
    for a formula has an apostrophe before it. Ids and file names are as they are, even those that
    begin with "-".

    Some speakers and labels look like numbers (EMO-DB's speaker 03), which pandas would read as 3:
    pd.read_csv(..., dtype=str), or dtype={"speaker": str, "native": str}. Parquet keeps the types.
    """
    from serbench.adapters import located
    from serbench.registry import load

    format_ = _format(format_, out)
    sound = _sound(format_, audio)
    space = None if labels is None else load("labels", labels)
    corpus, folder = located(name, roots_for([name], corpus_root))
    if out is not None:
        out = out.expanduser().resolve()
    target = _target(format_, name, out, folder)
    if format_ == "audformat":
        from serbench.exports.audformat import require

        require()
    found = scan_folder(corpus, folder, allow_partial)

    from serbench.exports.columns import normalise

    _write(normalise(corpus, found, space), format_, target, sound, out)


def _write(
    corpus: Normalised, format_: str, target: Path | None, sound: str, out: Path | None
) -> None:
    from serbench.cli.progress import Screen

    screen = Screen()
    for sentence in corpus.repeated:
        screen.note(sentence)
    if target is None:
        _print_csv(corpus)
        return
    with screen.step(f"writing {target.name}") as tell:
        if format_ == "csv":
            _write_csv(corpus, target)
        elif format_ == "parquet":
            from serbench.exports.dataset_card import dataset_card
            from serbench.exports.parquet import write_parquet
            from serbench.writing import write_aside

            write_parquet(corpus, target, sound, tell)  # type: ignore[arg-type]  # checked
            if target != out:
                card = dataset_card(corpus, target.name, sound)  # type: ignore[arg-type]
                write_aside(target.parent / "README.md", card.encode())
        else:
            from serbench.exports.audformat import write_audformat

            write_audformat(corpus, target, link=sound == "link", progress=tell)
    screen.note(f"{len(corpus.utterances)} utterances in {target}")
    if format_ == "parquet" and target != out:
        screen.note(
            f"{out} is a folder, with a README.md that says how to read it. "
            "For the table alone, end --out in .parquet."
        )
    if sound == "embed":
        screen.note(
            "The sound itself is in it: pass it on only as the corpus's licence allows "
            f"({corpus.card.licence})."
        )


def _print_csv(corpus: Normalised) -> None:
    from serbench.exports.csv import write_csv

    if isinstance(sys.stdout, io.TextIOWrapper):  # whatever the locale says, and LF alone
        sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    write_csv(corpus, sys.stdout)


def _write_csv(corpus: Normalised, path: Path) -> None:
    from serbench.exports.csv import write_csv
    from serbench.writing import write_aside

    table = io.StringIO()
    write_csv(corpus, table)
    write_aside(path, table.getvalue().encode())


def _format(format_: str | None, out: Path | None) -> str:
    """What --format says, or else the end of --out; never one against the other."""
    said = None if out is None else SUFFIXES.get(out.suffix.lower())
    if format_ is None:
        if said is None and out is not None:
            raise UsageError(
                f"--out {out} without --format",
                expected="a file that ends in .csv or .parquet",
                advice="name it so, or add --format csv, parquet or audformat; the latter two "
                "make folders",
            )
        return said or "csv"
    if format_ not in AUDIO:
        raise UsageError(f"--format {format_}", expected="one of " + ", ".join(AUDIO))
    if said is not None and said != format_:
        raise UsageError(
            f"--format {format_} --out {out}",
            expected=f"an --out that does not end in {out.suffix if out else ''}, or "
            f"--format {said}",
        )
    return format_


def _sound(format_: str, audio: str | None) -> str:
    allowed = AUDIO[format_]
    if audio is None:
        return allowed[0] if allowed else ""
    if audio not in allowed:
        raise UsageError(
            f"--format {format_} --audio {audio}",
            expected="one of " + ", ".join(allowed) if allowed else "no --audio: a CSV names files",
        )
    return audio


def _target(format_: str, name: str, out: Path | None, folder: Path) -> Path | None:
    """The file or folder to write, which must not be there yet."""
    if out is None:
        if format_ != "csv":
            raise UsageError(
                f"--format {format_} without --out", expected="--out FILE_OR_FOLDER to write to"
            )
        return None
    if out.is_relative_to(folder.resolve()):
        raise UsageError(
            f"--out {out} lies in the corpus's own folder {folder}",
            expected="a place outside it: what is written there would be read as the corpus",
        )
    is_file = format_ == "csv" or (format_ == "parquet" and out.suffix.lower() == ".parquet")
    if out.exists() and (is_file or not out.is_dir() or any(out.iterdir())):
        raise UsageError(
            f"--out {out} exists already",
            expected="a new file" if is_file else "a new or an empty folder",
            advice="delete it, or write elsewhere",
        )
    return out if is_file or format_ == "audformat" else out / f"{name}.parquet"
