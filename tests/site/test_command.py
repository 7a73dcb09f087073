"""``serbench site``: what it refuses, what it says, and several processes at work."""

import sys

import pytest
from typer import Typer
from typer.testing import CliRunner

from serbench.cli.site import site as command
from serbench.errors import MissingExtra, UsageError
from serbench.site.page import check


@pytest.fixture
def call(results, tmp_path, monkeypatch):
    monkeypatch.setenv("SERBENCH_RESULTS", str(results))
    monkeypatch.setenv("SERBENCH_CACHE", str(tmp_path / "cache"))
    app = Typer()
    app.command()(command)

    def run(*words):
        done = CliRunner().invoke(app, [str(word) for word in words])
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done

    return run


def test_a_part_of_the_boards(call, tmp_path):
    done = call(tmp_path / "site", "--protocol", "kfold", "--workers", "1")
    assert done.exit_code == 0
    assert "1 board in" in done.output
    assert (tmp_path / "site/boards/savee--kfold.html").is_file()
    assert not (tmp_path / "site/boards/savee--loso.html").exists()


def test_what_was_drawn_before_is_not_drawn_again(call, tmp_path, monkeypatch):
    import vl_convert

    call(tmp_path / "site", "--protocol", "kfold", "--workers", "1")
    first = (tmp_path / "site/boards/savee--kfold/forest.pdf").read_bytes()
    drawn = []
    real = vl_convert.vegalite_to_svg
    monkeypatch.setattr(
        vl_convert, "vegalite_to_svg", lambda spec: drawn.append(spec) or real(spec)
    )
    call(tmp_path / "site", "--protocol", "kfold", "--workers", "1")
    assert drawn == []
    assert (tmp_path / "site/boards/savee--kfold/forest.pdf").read_bytes() == first
    call(tmp_path / "site", "--protocol", "kfold", "--workers", "1", "--no-score-cache")
    assert len(drawn) == 2


def test_what_matches_nothing_or_is_no_name(call, tmp_path):
    with pytest.raises(UsageError, match="no board matches tess"):
        call(tmp_path / "site", "--corpus", "tess")
    with pytest.raises(UsageError, match="--selection first"):
        call(tmp_path / "site", "--selection", "first")
    with pytest.raises(UsageError, match="does not exist"):
        call(tmp_path / "site", "--results", tmp_path / "none")
    assert not (tmp_path / "site").exists()


def test_somebodys_folder_is_refused_before_any_work(call, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/thesis.tex").write_text("")
    with pytest.raises(UsageError, match="no site of serbench"):
        call(tmp_path / "mine")


def test_a_site_is_not_replaced_by_none(call, tmp_path):
    from serbench.site.folder import swapped_in

    (tmp_path / "nothing").mkdir()
    with swapped_in(tmp_path / "site") as root:
        (root / "index.html").write_text("years of boards")
    with pytest.raises(UsageError, match="holds no board") as told:
        call(tmp_path / "site", "--results", tmp_path / "nothing")
    assert "--results" in told.value.advice
    assert (tmp_path / "site/index.html").read_text() == "years of boards"
    assert {path.name for path in tmp_path.iterdir()} <= {"site", "nothing", "cache"}
    done = call(tmp_path / "new", "--results", tmp_path / "nothing")
    assert done.exit_code == 0
    assert "0 boards in" in done.output
    assert "serbench run" in (tmp_path / "new/index.html").read_text()
    call(tmp_path / "site", "--protocol", "kfold", "--workers", "1")
    assert "years" not in (tmp_path / "site/index.html").read_text()


def test_a_title_and_a_day(call, tmp_path):
    call(
        tmp_path / "site", "--protocol", "kfold", "--workers", "1",
        "--title", "Lab <b>", "--date", "2026-11-22",
    )  # fmt: skip
    for page in (tmp_path / "site").rglob("*.html"):
        text = page.read_text("utf-8")
        assert "| Lab &lt;b&gt;</title>" in text
        assert ">Lab &lt;b&gt;</a>" in text
        assert '<time datetime="2026-11-22">' in text
    board = (tmp_path / "site/boards/savee--kfold.html").read_text("utf-8")
    assert r"author = {{Lab {\textless}b{\textgreater}}}".replace("<", "&lt;") in board
    with pytest.raises(UsageError, match="--date yesterday"):
        call(tmp_path / "site", "--date", "yesterday")
    with pytest.raises(UsageError, match="--title is blank"):
        call(tmp_path / "site", "--title", "")


def test_without_the_packages(monkeypatch):
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(MissingExtra, match="the site needs the package 'jinja2'"):
        check()


@pytest.mark.slow
def test_processes_write_the_same(call, site, tmp_path):
    done = call(tmp_path / "site", "--workers", "2", "--quiet")
    assert done.exit_code == 0
    assert done.output == ""
    for path in site.rglob("*"):
        if path.is_file() and path.suffix != ".pdf":
            other = tmp_path / "site" / path.relative_to(site)
            assert path.read_bytes() == other.read_bytes(), path
