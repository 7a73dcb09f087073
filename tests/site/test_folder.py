"""Where a site may be written, and that a failed one leaves the old as it was."""

from time import time

import pytest

from serbench.errors import StoreError, UsageError
from serbench.site.folder import MARKER, check, swapped_in


@pytest.fixture
def results(tmp_path):
    (tmp_path / "results").mkdir()
    return tmp_path / "results"


def test_a_site_is_put_in_place_whole(tmp_path):
    folder = tmp_path / "deep" / "site"
    with swapped_in(folder) as root:
        (root / "index.html").write_text("new")
        assert not folder.exists()
    assert (folder / "index.html").read_text() == "new"
    assert (folder / MARKER).is_file()
    assert [path.name for path in folder.parent.iterdir()] == ["site"]


def fail(folder):
    with swapped_in(folder) as root:
        (root / "index.html").write_text("half")
        raise KeyboardInterrupt


def test_what_the_old_site_had_is_gone_and_a_failure_leaves_it(tmp_path):
    folder = tmp_path / "site"
    with swapped_in(folder) as root:
        (root / "old.html").write_text("old")
    with pytest.raises(KeyboardInterrupt):
        fail(folder)
    assert {path.name for path in folder.iterdir()} == {"old.html", MARKER}
    with swapped_in(folder) as root:
        (root / "index.html").write_text("new")
    assert {path.name for path in folder.iterdir()} == {"index.html", MARKER}
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_what_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be written"), swapped_in(tmp_path / "file/site"):
        pass


@pytest.mark.parametrize("marker", [None, "", "[]", '{"written_by": "another"}'])
def test_somebody_elses_folder_is_left_alone(tmp_path, results, marker):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "thesis.tex").write_text("years of work")
    if marker is not None:
        (folder / MARKER).write_text(marker)
    with pytest.raises(UsageError, match="no site of serbench"):
        check(folder, results)


def test_an_empty_folder_a_free_name_and_a_site_will_do(tmp_path, results):
    check(tmp_path / "free", results)
    (tmp_path / "empty").mkdir()
    check(tmp_path / "empty", results)
    with swapped_in(tmp_path / "site"):
        pass
    check(tmp_path / "site", results)


def test_a_file_a_link_and_the_results_will_not(tmp_path, results):
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    for name in ("file", "link", "results", "results/site", "."):
        with pytest.raises(UsageError):
            check(tmp_path / name, results)


def test_a_site_whose_writer_was_killed_between_two_renames_comes_back(tmp_path, monkeypatch):
    site, left = tmp_path / "public", tmp_path / ".public.17.0123abcd.old"
    with swapped_in(site) as aside:
        (aside / "index.html").write_text("of before")
    site.rename(left)
    part = tmp_path / ".public.18.0123abcd.tmp"
    part.mkdir()
    (tmp_path / ".public.backup.old").mkdir()  # somebody's own
    monkeypatch.setattr("serbench.site.folder.time.time", lambda: time() + 120)
    with pytest.raises(ZeroDivisionError), swapped_in(site):
        1 / 0  # noqa: B018
    assert (site / "index.html").read_text() == "of before"
    assert part.exists()  # its writer may be at it
    monkeypatch.setattr("serbench.site.folder.time.time", lambda: time() + 7200)
    with swapped_in(site) as aside:
        (aside / "index.html").write_text("of now")
    assert (site / "index.html").read_text() == "of now"
    assert {path.name for path in tmp_path.iterdir()} == {"public", ".public.backup.old"}
