"""``serbench corpora new``: describe a corpus of one's own by the table it has."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from serbench.errors import CorpusError, UsageError

if TYPE_CHECKING:
    from serbench.tabled.draft import Draft

EXAMPLES = """
[bold]Example[/bold]

serbench corpora new whispers data/whispers --table metadata.csv --emotion-column label
"""

Column = Annotated[str, typer.Option(metavar="COLUMN", help="The table's column of it.")]


def new(
    name: Annotated[str, typer.Argument(help="What to call it: lower case, digits, - and _.")],
    folder: Annotated[Path, typer.Argument(help="The folder of its table and its sounds.")],
    table: Annotated[
        str,
        typer.Option(
            help="A table of cells (CSV, TSV) with a heading, in that folder: a row an utterance."
        ),
    ],
    file_column: Column = "",
    speaker_column: Column = "",
    emotion_column: Column = "",
    title: Annotated[str, typer.Option(help="As people call it.")] = "",
    language: Annotated[str, typer.Option(help="Which is spoken.")] = "",
    licence: Annotated[str, typer.Option(help="Its terms.")] = "",
    encoding: Annotated[str, typer.Option(help="Of a table that is not UTF-8, such as gbk.")] = "",
    files_in: Annotated[
        str,
        typer.Option(
            metavar="FOLDER",
            help="Where in that folder the files stand, if the table does not say so, such as wav. "
            "Default: found out where all stand below one.",
        ),
    ] = "",
) -> None:
    """Draft the corpus.toml of a corpus of your own, from its table. Overwrites nothing."""
    from serbench.registry import registered
    from serbench.tabled.description import check_name
    from serbench.tabled.paths import DESCRIPTION

    check_name(name, "serbench corpora new")
    if name in registered("corpora"):
        owner = registered("corpora")[name][0].owner
        raise UsageError(
            f"an adapter for a corpus {name!r} is installed (from {owner})",
            expected="another name for yours",
            advice=f"serbench corpora add {name} {folder}, if it is that corpus",
        )
    if not folder.is_dir():
        raise CorpusError(
            f"{folder} is not a folder", expected="the folder of the table and the sounds"
        )
    target = folder / DESCRIPTION
    if target.exists():
        raise CorpusError(
            f"{target} is there already, and is not overwritten",
            expected=f"a folder without {DESCRIPTION}",
            advice=f"edit it, or take it away; to read the corpus: serbench corpora add {name} "
            f"{folder}",
        )
    inside = _inside(folder, table)
    given = {"file": file_column, "speaker": speaker_column, "emotion": emotion_column}
    facts = {
        "name": name,
        "title": title,
        "language": language,
        "licence": licence,
        "table": inside,
        "encoding": encoding,
        "files_in": _sounds(folder, files_in),
    }
    columns = {ours: column for ours, column in given.items() if column}
    found, remark = _drafted(folder, facts, columns)
    _write(target, found.text)
    typer.echo(
        f"{target} is written: {sum(found.labels.values())} rows, {len(found.labels)} labels"
    )
    typer.echo("columns: " + ", ".join(f"{o} = {c}" for o, c in found.columns.items()))
    if found.unused:
        typer.echo("nothing is read from: " + ", ".join(column or '""' for column in found.unused))
    for line in remark:
        typer.echo(line)
    typer.echo("next:")
    if found.undecided:
        typer.echo(f'  say in {target} which emotion each "?" is: {", ".join(found.undecided)}')
    else:
        typer.echo(f"  look over the emotions in {target}")
    typer.echo(f"  serbench corpora add {name} {folder}")
    typer.echo(f"  serbench run --model svm-mfcc --protocol loso --corpus {name}")


def _sounds(folder: Path, files_in: str) -> str:
    """The folder of the sounds, as ``corpus.toml`` is to name it."""
    from serbench.tabled.paths import DESCRIPTION, files_folder

    inside = files_folder(folder / DESCRIPTION, files_in)
    if not (folder / inside).is_dir():
        raise CorpusError(
            f"--files-in {files_in}: {folder / inside} is not a folder",
            expected=f"a folder below {folder}",
        )
    return inside


def _drafted(
    folder: Path, facts: dict[str, str], columns: dict[str, str]
) -> tuple[Draft, list[str]]:
    """A draft, and what there is to say of the table's files.

    Where every file stands below one folder that the table leaves out, the draft names it.
    """
    from serbench.errors import few
    from serbench.tabled.disk import Disk
    from serbench.tabled.draft import draft

    path = folder / facts["table"]
    found = draft(path, facts, columns)
    disk = Disk(folder)
    mislaid = disk.mislaid(found.files, facts["table"], facts["files_in"])
    if mislaid is not None and mislaid.files_in is not None:
        given = f", and not in {facts['files_in']}/" if facts["files_in"] else ""
        where = f"{mislaid.files_in or '.'}/"
        said = f"the files of {facts['table']} stand in {where}{given}"
        named = f': files_in = "{mislaid.files_in}" says so' if mislaid.files_in else ""
        return draft(path, facts | {"files_in": mislaid.files_in}, columns), [said + named]
    if mislaid is not None:
        return found, [f"{mislaid.said}:", f"  {mislaid.advice(facts['table'])}"]
    lost = disk.lost(found.files)
    if not lost:
        return found, []
    said = f"{len(lost)} of {len(found.files)} files of {facts['table']} do not exist, nor does one"
    return found, [f"{said} of such a name below {folder}: {few(lost)}"]


def _inside(folder: Path, table: str) -> str:
    """The table as ``corpus.toml`` is to name it: relative to the folder."""
    from serbench.tabled.paths import outside

    path = folder / table  # an absolute path stays what it is
    if not path.is_file() and Path(table).is_file():
        path = Path(table)
    if not path.is_file():
        raise CorpusError(f"{path} does not exist", expected="the table, below the corpus's folder")
    inside = path.absolute()
    if inside.is_relative_to(folder.absolute()):
        inside = inside.relative_to(folder.absolute())
    if outside(str(inside)):
        raise CorpusError(
            f"the table {path} stands outside of {folder}",
            expected="a table below the corpus's folder, so that they travel together",
            advice="copy it there, or link to it from there",
        )
    return inside.as_posix()


def _write(target: Path, text: str) -> None:
    from serbench.writing import cannot_write

    try:
        with target.open("x", encoding="utf-8") as file:  # never over another's
            file.write(text)
    except OSError as error:
        raise cannot_write(target, error) from error
