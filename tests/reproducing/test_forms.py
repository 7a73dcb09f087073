"""Every table and figure says the same numbers in Markdown, LaTeX, CSV and JSON."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from serbench.cli.render import as_csv
from serbench.cli.reproduction_formats import as_markdown, sheet_of
from serbench.cli.reproduction_latex import as_latex
from serbench.cli.reproduction_list import all_filled
from serbench.registry import registered
from serbench.reproducing.figure import PaperFigure
from serbench.reproducing.page import Page
from serbench.reproducing.picture import Picture
from serbench.reproducing.shelf import find
from serbench.store import Store

NAMES = sorted(registered("reproductions"))
RAISED = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹]+(,[⁰¹²³⁴⁵⁶⁷⁸⁹]+)*")
PLAIN = (
    (r"\\(?:rlap\{)?\\?textsuperscript\{[\d,]+\}\}?", ""), (r"\$\\pm\$", "±"),
    (r"\$([+-])\$", r"\1"),
    (r"\\textasciitilde\{\}", "~"), (r"\\textless\{\}", "<"), (r"\\quad |\\raggedright.*em ", ""),
    (r"\\([%_#&$])", r"\1"), (r"^--$", "-"),
)  # fmt: skip


@pytest.fixture(scope="module")
def pages(
    tmp_path_factory: pytest.TempPathFactory, adding: Callable[[Store], Any]
) -> dict[str, Page | Picture]:
    """All of them, on a folder with the paper's settings, with others, and with epochs kept."""
    store = Store(tmp_path_factory.mktemp("forms"))
    add = adding(store)
    for model, settings in (("dblmm", {"epochs": 5}), ("bilstm-logmel", {"epochs": 100})):
        for corpus in ("emodb", "savee"):
            add(model, lambda one: 9 + int(one.fold), settings=settings, corpus=corpus)
    add(
        "timnet", lambda one: 10 + int(one.fold), settings={"epochs": 500}, seeds=2,
        protocol="last-epoch", best=lambda one: 12 + int(one.fold) // 2 + one.seed,
    )  # fmt: skip
    fig3 = find("timnet-fig3")
    assert isinstance(fig3, PaperFigure)
    for panel in fig3.panels:
        asked = {"protocol": panel.protocol, "corpus": panel.corpus, "labels": panel.labels}
        add(panel.model, lambda _: 17, settings=dict(panel.settings), folds=("1",), **asked)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("serbench.unlike.usual_speakers", lambda _corpora: None)
        patch.setattr("serbench.unlike.usual_utterances", lambda _corpora, _labels: None)
        patch.setattr("serbench.reproducing.wanted.find_corpus", lambda _name, _roots: None)
        found = all_filled(store, {})
    return {(p.figure if isinstance(p, Picture) else p.table).name: p for p in found}


@pytest.mark.parametrize("name", NAMES)
def test_all_forms_say_the_same_numbers(pages: dict[str, Page | Picture], name: str) -> None:
    page = pages[name]
    in_markdown, in_latex = _of_markdown(as_markdown(page)), _of_latex(as_latex(sheet_of(page)))
    assert in_markdown == in_latex
    expected = _of_picture(page) if isinstance(page, Picture) else _of_table(page)
    assert bool(expected) == (name != "sdcaff-tsne")  # which prints nothing, and is not measured
    assert not expected - in_markdown
    if isinstance(page, Page):
        assert not _numbers_alone(in_markdown - expected)
    assert _of_csv(page) == _of_json(page)


def test_the_folder_has_all_states(pages: dict[str, Page | Picture]) -> None:
    states = Counter(cell.state for page in pages.values() for cell in page.cells)
    assert states["measured"] > 5
    assert states["deviates"] > 2
    assert {"no corpus", "no protocol", "not re-implemented"} <= set(states)
    assert any(isinstance(p, Picture) and p.drawable for p in pages.values())


def _of_markdown(text: str) -> Counter[str]:
    """The cells of all tables, headings aside."""
    found: Counter[str] = Counter()
    lines = text.splitlines()
    for at, line in enumerate(lines):
        heads = at + 1 < len(lines) and lines[at + 1].startswith("|:--")
        if line.startswith("| ") and not heads:
            found.update(_bare(RAISED.sub("", one)) for one in line[1:-1].split("|"))
    return _without_texts(found)


def _of_latex(text: str) -> Counter[str]:
    """The same of LaTeX."""
    found: Counter[str] = Counter()
    lines = text.splitlines()
    for at, line in enumerate(lines):
        heads = at + 1 < len(lines) and lines[at + 1] == r"\midrule" and lines[at - 1] in {
            r"\toprule", r"\midrule"
        }  # fmt: skip
        if line.endswith(r"\\") and not heads and not line.startswith(r"\multicolumn"):
            for one in re.split(r"(?<!\\)&", line[:-2]):
                told = one.strip()
                for pattern, plain in PLAIN:
                    told = re.sub(pattern, plain, told)
                found.update([_bare(told)])
    return _without_texts(found)


def _bare(text: str) -> str:
    told = re.sub(r"\\(.)", r"\1", text).replace("&lt;", "<").replace("&nbsp;", "")
    return told.strip()


def _without_texts(found: Counter[str]) -> Counter[str]:
    return Counter({one: n for one, n in found.items() if re.match(r"[(<+-]?\d", one)})


def _of_table(page: Page) -> Counter[str]:
    """What the cells of a table are to be by its JSON."""
    found: Counter[str] = Counter()
    for cell, one in zip(page.cells, page.record()["cells"], strict=True):
        spread = cell.published.spread
        found.update([one["printed"] + (f"±{spread:.2f}" if spread is not None else "")])
        if one["ours"] is None:
            assert one["difference"] is None
            continue
        digits = len(one["printed"].partition(".")[2])
        if one["metric"] == "p":
            ours = "<0.0001" if one["ours"] < 1e-4 else f"{one['ours']:.4f}"
        else:
            ours = f"{one['ours']:.{digits}f}"
            half = "?" if one["noise"] is None else f"±{one['noise']:.{digits}f}"
            within = "~" if one["within_noise"] else ""
            assert one["difference"] == pytest.approx(one["ours"] - one["published"])
            found.update([f"{one['difference']:+.{digits}f}{half}{within}"])
        found.update([f"({ours})" if one["state"] == "deviates" else ours])
    return found


def _of_picture(page: Picture) -> Counter[str]:
    """What must stand in the cells of a figure by its JSON: printed numbers, ours, and matrices."""
    found: Counter[str] = Counter()
    for panel in page.record()["panels"]:
        for one in panel["numbers"]:
            found.update([one["printed"]])
            if one["ours"] is not None:
                digits = len(one["printed"].partition(".")[2])
                ours = f"{one['ours']:.{digits}f}"
                found.update([f"({ours})" if one["state"] == "deviates" else ours])
        if page.figure.kind in {"confusion", "tsne"}:
            for counts in filter(None, (panel["released"], panel["counts"])):
                rows = np.asarray(counts)
                shares = 100 * rows / rows.sum(axis=1, keepdims=True)
                found.update(f"{share:.1f}" for share in shares.ravel())
                found.update(str(total) for total in rows.sum(axis=1))
        if panel["epochs"]:
            found.update(f"{panel['epochs'][name]:.2f}" for name in ("test_wa", "test_ua"))
    return found


def _numbers_alone(found: Counter[str]) -> list[str]:
    """What looks like a score or a difference, and not like a year."""
    return [one for one in found if not re.fullmatch(r"(19|20)\d\d", one)]


def _of_csv(page: Page | Picture) -> list[tuple[float | None, ...]]:
    rows = csv.DictReader(io.StringIO(as_csv(page.records())))
    names = ("published", "ours", "difference", "noise")
    found = []
    for row in rows:
        told = (row[name].lstrip("'") for name in names)  # before a sign, for spreadsheets
        found.append(tuple(round(float(one), 6) if one else None for one in told))
    return found


def _of_json(page: Page | Picture) -> list[tuple[float | None, ...]]:
    """The same as :func:`_of_csv`, from the record of the whole."""
    record = page.record()
    if isinstance(page, Page):
        return [_four(one) for one in record["cells"]]
    found: list[tuple[float | None, ...]] = []
    for panel in record["panels"]:
        begun = len(found)
        found += [_four(one) for one in panel["numbers"]]
        found += [(None, round(one, 6), None, None) for one in (panel["epochs"] or {}).values()]
        size = range(len(panel["classes"]))
        for i, j in ((i, j) for i in size for j in size):
            both = (panel["released"], panel["counts"])
            found.append((*(None if one is None else one[i][j] for one in both), None, None))
        if len(found) == begun:
            found.append((None, None, None, None))
    return found


def _four(one: dict[str, Any]) -> tuple[float | None, ...]:
    names = ("published", "ours", "difference", "noise")
    return tuple(None if one[name] is None else round(one[name], 6) for name in names)
