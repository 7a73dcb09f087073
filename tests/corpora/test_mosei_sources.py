"""Label files of CMU-MOSEI that are none, and names in them that are no names of files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from serbench.corpus import Finding
from serbench.errors import CorpusError
from serbench.scan import scan
from serbench.testing.forge import forge_corpus
from serbench_corpora.cmu_mosei import CMUMOSEI, MMSA


def forged(root: Path, **more: object) -> Path:
    return forge_corpus(CMUMOSEI(), root, per_cell=1, silent=True, rate=8000, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("video", ["/etc/passwd", "../../secret", "..", "a\\b"])
def test_a_video_whose_name_leads_elsewhere_is_a_finding(tmp_path: Path, video: str) -> None:
    root = forged(tmp_path / "few")
    table = root / "CMU_MOSEI_Labels.csv"
    lines = table.read_text(encoding="utf-8").split("\n")
    cells = lines[1].split(",")
    cells[1] = video
    lines[1] = ",".join(cells)
    table.write_text("\n".join(lines), encoding="utf-8")
    found = list(CMUMOSEI().entries(root))
    told = [one.message for one in found if isinstance(one, Finding)]
    assert any(repr(video) in each and str(table) in each for each in told)
    assert all(root in one.audio.resolve().parents for one in found if hasattr(one, "audio"))


@pytest.mark.parametrize("name", ["CMU_MOSEI_Labels.csd", "more.csv"])
def test_a_pipe_is_not_waited_for(tmp_path: Path, name: str) -> None:
    root = forged(tmp_path / "few")
    os.mkfifo(root / name)
    with pytest.raises(CorpusError, match="is no regular file"):
        list(CMUMOSEI().entries(root))


def test_a_table_of_no_known_form_is_said(tmp_path: Path) -> None:
    root = forged(tmp_path / "few")
    (root / "raters.csv").write_text("a,b\n1,2\n")
    told = [one.message for one in CMUMOSEI().entries(root) if isinstance(one, Finding)]
    assert any("1 tables of no known form" in each and "raters.csv" in each for each in told)


def test_a_row_that_mmsa_has_and_the_table_lacks_is_counted(tmp_path: Path) -> None:
    root = forged(tmp_path / "few", release=MMSA)
    before = {one.message for one in scan(CMUMOSEI(), root, allow_partial=True).findings}
    (table,) = root.rglob("label.csv")
    lines = table.read_text(encoding="utf-8").split("\n")
    table.write_text("\n".join([*lines[:2], *lines[3:]]), encoding="utf-8")
    after = scan(CMUMOSEI(), root, allow_partial=True).findings
    new = [one for one in after if one.message not in before and one.kind == "count"]
    assert len(new) == 1
    assert new[0].grave
    assert "16326" in new[0].message or "1871" in new[0].message or "4659" in new[0].message
