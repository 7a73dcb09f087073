"""A paper's figure as a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from serbench.cli.reproductions import STATES
from serbench.errors import UsageError
from serbench.reproducing.figure import ASKED_AGAIN

if TYPE_CHECKING:
    from serbench.cli.progress import Screen
    from serbench.reproducing.again import Seen
    from serbench.reproducing.figure import PaperFigure
    from serbench.reproducing.picture import Picture, Shown
    from serbench.reproducing.running import Override
    from serbench.request import Request


def asked_of(
    figure: PaperFigure, corpora: Sequence[str], models: Sequence[str], roots: Mapping[str, Path]
) -> PaperFigure:
    """A figure of these corpora and models alone.

    Parameters
    ----------
    roots
        Folders of corpora, named for this command.

    Raises
    ------
    UsageError
        If there is no such corpus, or none of the figure is of a model.
    """
    from serbench.adapters import corpus_names
    from serbench.registry import nearest

    for name in corpora:
        if name not in (every := corpus_names(roots)):
            hint = nearest(name, every)
            raise UsageError(
                f"no corpus is called {name!r}",
                expected="one of " + ", ".join(every),
                advice=f"did you mean {hint!r}?" if hint else "",
            )
    known = sorted({panel.model for panel in figure.panels})
    for name in models:
        if name not in known:
            raise UsageError(
                f"{figure.name} has no model {name!r}", expected="one of " + ", ".join(known)
            )
    return figure.on(corpora).of(models)


def drawn(
    picture: Picture,
    path: Path,
    request: Request,
    screen: Screen,
    set_: Sequence[str],
    *,
    ran: bool,
) -> None:
    """Draw what is measured of a figure, and say what is not.

    Parameters
    ----------
    set_, ran
        Settings as they were asked for, and whether they were for a run before this.

    Raises
    ------
    UsageError
        If nothing of it is measured; its advice is what would run it. If a setting is asked for
        that the stored training does not have, without a run.
    """
    from serbench.cli.options import assignments
    from serbench.figures.reproduction import below, draw
    from serbench.figures.saving import save
    from serbench.reproducing.again import seen_again

    name = picture.figure.name
    if not picture.drawable:
        lacking = list(dict.fromkeys(_why(one) for one in picture.panels))
        wanted = " or ".join(dict.fromkeys(one.command for one in picture.panels))
        raise UsageError(
            f"nothing of {name} is measured: {'; '.join(lacking)}",
            expected=f"the results of {wanted}",
            advice=f"serbench reproduce {name} --run -o {path} runs it first; --corpus NAME takes "
            "another corpus in place of the paper's, --set epochs=20 less of it",
        )
    overrides = assignments(set_)
    seen: tuple[Seen, ...] = ()
    if set_ and not ran:
        _check_stored(picture, overrides)
    if picture.figure.kind in ASKED_AGAIN:
        seen = seen_again(picture, request, screen, overrides)
    chart, words = draw(picture, seen)
    save(chart, path, words)
    screen.note(words)
    for line in below(picture):
        screen.note(line)
    screen.note(f"drawn in {path}")


def _check_stored(picture: Picture, overrides: Sequence[Override]) -> None:
    """Refuse a setting that is not the stored training's: nothing is ignored in silence."""
    from serbench.choice import ModelChoice

    if picture.figure.kind not in ASKED_AGAIN:
        raise UsageError("--set without --run", expected="--run, or neither")
    for shown in picture.drawable:
        assert shown.measured is not None
        model, stored = shown.panel.model, shown.measured.held.row["model"]["settings"]
        own = {name: value for of, name, value in overrides if of in {"", model}}
        choice = ModelChoice.of(model, own)
        # Only text can be a place, which stands in a trial by its digest.
        places = any(isinstance(choice.settings[name], str) for name in own)
        stand = choice.identity()["settings"] if places else choice.settings
        for name in own:
            if stand[name] != stored[name]:
                raise UsageError(
                    f"--set {name}={own[name]} without --run",
                    expected=f"{name}={stored[name]}, which the stored training has",
                    advice="--run trains with other settings",
                )


def _why(shown: Shown) -> str:
    """Why a panel is not measured, without the command that is told beside."""
    if shown.missing:
        return shown.notes[0]
    return f"{shown.panel.title} {STATES[shown.state]}"
