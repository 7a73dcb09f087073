"""``serbench corpora get`` from a loopback server, with a corpus that is made up."""

import functools
import hashlib
import re
import shutil
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from serbench.cli.corpora import getting
from serbench.corpus import Corpus, CorpusCard, Download, Entry, Release, audio_files
from serbench.errors import CorpusError, SerbenchError, UsageError
from serbench.folders import added_corpora
from serbench.labels import Emotion
from serbench.scan import scan
from serbench.testing.forge import forge_corpus

COUNTS = {"happy": 2, "sad": 2}
SPEAKERS = {"ann": 2, "bob": 2}
LABELS = {"happy": Emotion.HAPPINESS, "sad": Emotion.SADNESS}
app = typer.Typer()
app.command()(getting.get)


def whispers(*releases):
    """An adapter with such releases."""

    class Whispers(Corpus):
        card = CorpusCard(
            name="whispers",
            title="Whispers",
            language="English",
            licence="CC0-1.0",
            how_to_get="ask Ann",
            citation="@misc{whispers, title={Whispers}}",
            releases=releases,
            layouts=("ann_happy_1.wav",),
        )
        labels = LABELS

        def entries(self, root):
            for path in audio_files(root):
                if match := re.fullmatch(r"(ann|bob)_(happy|sad)_(\d+)", path.stem):
                    yield Entry(id=path.stem, audio=path, file=f"{path.stem}.wav",
                                speaker=match[1], native=match[2])  # fmt: skip

        def forged_path(self, speaker, native, take):
            return f"{speaker}_{native}_{take + 1}.wav"

    return Whispers()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(autouse=True)
def own_folders(tmp_path, monkeypatch):
    monkeypatch.setenv("SERBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("SERBENCH_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("SERBENCH_CORPORA", raising=False)


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "site"
    folder.mkdir()
    handler = functools.partial(Quiet, directory=folder)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield folder, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def corpus(site, monkeypatch, tmp_path):
    """Two releases that can be fetched and one that cannot."""
    bare = whispers(Release("Whispers 1.0", COUNTS, SPEAKERS))
    tree = forge_corpus(bare, tmp_path / "tree", seconds=(0.1, 0.2), rate=8000)
    archive = Path(shutil.make_archive(str(site[0] / "whispers"), "zip", tree))
    digest = hashlib.md5(archive.read_bytes()).hexdigest()
    good = Download(f"{site[1]}/whispers.zip", f"md5:{digest}", archive.stat().st_size)
    corpus = whispers(
        Release("Whispers 0.1", {"happy": 1, "sad": 1}, {"ann": 1, "bob": 1}),
        Release("Whispers 1.0", COUNTS, SPEAKERS, downloads=(good,)),
        Release("Whispers 1.0 and shouts", {"happy": 4, "sad": 4}, {"ann": 4, "bob": 4},
                downloads=(good,)),
    )  # fmt: skip
    monkeypatch.setattr("serbench.adapters.adapter", lambda name, folder: corpus)
    return corpus


def called(*arguments):
    """What it printed, and the error that it raised."""
    ran = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert ran.exception is None or isinstance(ran.exception, SerbenchError | SystemExit), ran
    return ran.output, ran.exception


def test_fetched_read_and_added(corpus, site, tmp_path):
    folder = tmp_path / "corpora" / "whispers"
    output, error = called("whispers", folder, "--release", "Whispers 1.0", "--yes")
    assert error is None
    assert "CC0-1.0" in output
    assert "@misc{whispers" in output
    assert f"{site[1]}/whispers.zip" in output
    assert "whispers: 4 utterances of 2 speakers" in output
    assert len(list(folder.glob("*.wav"))) == 4
    assert sorted(path.name for path in folder.parent.iterdir()) == ["whispers"]
    assert added_corpora() == {"whispers": folder.resolve()}


def test_second_call_fetches_nothing(corpus, site, tmp_path):
    folder = tmp_path / "whispers"
    called("whispers", folder, "--yes")
    (site[0] / "whispers.zip").unlink()
    shutil.rmtree(tmp_path / "config")
    output, error = called("whispers", folder)
    assert error is None
    assert "here already" in output
    assert added_corpora() == {"whispers": folder.resolve()}


@pytest.mark.parametrize("change", ["a file too few", "something else", "a file"])
def test_folder_that_holds_something_else(corpus, tmp_path, change):
    folder = tmp_path / "whispers"
    if change == "a file":
        folder.write_text("precious")
    elif change == "something else":
        folder.mkdir()
        (folder / "thesis.tex").write_text("precious")
    else:
        called("whispers", folder, "--yes")
        (folder / "ann_happy_1.wav").unlink()
        shutil.rmtree(tmp_path / "config")
    before = sorted(folder.rglob("*"))
    _, error = called("whispers", folder, "--yes")
    assert isinstance(error, CorpusError | UsageError)
    assert str(folder) in error.found
    assert sorted(folder.rglob("*")) == before
    assert added_corpora() == {}


def test_question(corpus, tmp_path, monkeypatch):
    folder = tmp_path / "whispers"
    output, error = called("whispers", folder)
    assert "no terminal to ask on" in str(error)
    assert "--yes" in str(error)
    assert "CC0-1.0" in output  # said before it is asked
    assert not folder.exists()
    monkeypatch.setattr(getting, "_terminal", lambda: True)
    ran = CliRunner().invoke(app, ["whispers", str(folder)], input="n\n")
    assert ran.exit_code == 1
    assert not folder.exists()
    ran = CliRunner().invoke(app, ["whispers", str(folder)], input="y\n")
    assert ran.exit_code == 0
    assert folder.is_dir()


def test_where_to_by_default(corpus, tmp_path, monkeypatch):
    monkeypatch.setenv("SERBENCH_CORPORA", str(tmp_path / "all"))
    called("whispers", "--yes")
    assert len(list((tmp_path / "all" / "whispers").iterdir())) == 4
    monkeypatch.delenv("SERBENCH_CORPORA")
    monkeypatch.setattr("platformdirs.user_data_dir", lambda name: str(tmp_path / "data" / name))
    called("whispers", "--yes")
    assert len(list((tmp_path / "data/serbench/corpora/whispers").iterdir())) == 4


def test_release_by_a_part_of_its_name(corpus, tmp_path):
    _, error = called("whispers", tmp_path / "a", "--release", "whispers", "--yes")
    assert "names 2 releases" in str(error)
    _, error = called("whispers", tmp_path / "a", "--release", "0.1", "--yes")
    assert "names 0 releases" in str(error)
    assert "Whispers 1.0 and shouts" in str(error)
    # Fetched, and not what it was fetched for.
    _, error = called("whispers", tmp_path / "a", "--release", "SHOUTS", "--yes")
    assert isinstance(error, CorpusError)
    assert (error.found, error.expected) == (
        f"{tmp_path / 'a'} is Whispers 1.0", "Whispers 1.0 and shouts"
    )  # fmt: skip
    assert added_corpora() == {}


def test_corpus_that_is_not_free(monkeypatch, tmp_path):
    corpus = whispers(Release("Whispers 1.0", COUNTS, SPEAKERS))
    monkeypatch.setattr("serbench.adapters.adapter", lambda name, folder: corpus)
    _, error = called("whispers", tmp_path / "a", "--yes")
    assert isinstance(error, UsageError)
    assert "ask Ann" in str(error)


def test_wrong_bytes(corpus, site, tmp_path):
    archive = site[0] / "whispers.zip"
    content = bytearray(archive.read_bytes())
    content[100] ^= 1
    archive.write_bytes(content)
    _, error = called("whispers", tmp_path / "whispers", "--yes")
    assert "is not the file that it should be" in str(error)
    assert not (tmp_path / "whispers").exists()
    assert not (tmp_path / ".whispers.download").exists()
    assert "by hand: ask Ann; then: serbench corpora add whispers FOLDER" in str(error)
    assert added_corpora() == {}


def test_stopped_by_the_user(corpus, tmp_path, monkeypatch):
    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("serbench.obtaining.obtain", stopped)
    ran = CliRunner().invoke(app, ["whispers", str(tmp_path / "whispers"), "--yes"])
    assert ran.exit_code == 130
    assert "goes on from there" in ran.output


def manifest_of(utterances, path, wrong=""):
    """A manifest of these utterances, one of them with other samples."""
    lines = ["file,bytes,sha256,rate,channels,frames,samples"]
    for u in utterances:
        content = u.audio.read_bytes()
        frames = round(u.duration * u.rate)
        samples = "0" * 64 if u.file == wrong else u.samples
        digest = hashlib.sha256(content).hexdigest()
        lines.append(f"{u.file},{len(content)},{digest},{u.rate},{u.channels},{frames},{samples}")
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize("wrong", ["", "ann_happy_1.wav"])
def test_manifest_guards_where_no_checksum_is_published(corpus, site, tmp_path, monkeypatch, wrong):
    table = manifest_of(scan(corpus, tmp_path / "tree").utterances, tmp_path / "m.csv", wrong)
    unchecked = Download(f"{site[1]}/whispers.zip", "")
    free = Release("Whispers 1.0", COUNTS, SPEAKERS, manifest=table, downloads=(unchecked,))
    monkeypatch.setattr("serbench.adapters.adapter", lambda name, folder: whispers(free))
    output, error = called("whispers", tmp_path / "a", "--yes")
    if wrong:
        assert "holds other sounds than Whispers 1.0" in str(error)
        assert added_corpora() == {}
    else:
        assert error is None
        assert "held against the release's manifest" in output
        assert added_corpora() == {"whispers": (tmp_path / "a").resolve()}


def test_neither_checksum_nor_manifest_is_said(corpus, site, tmp_path, monkeypatch):
    unchecked = Download(f"{site[1]}/whispers.zip", "")
    free = Release("Whispers 1.0", COUNTS, SPEAKERS, downloads=(unchecked,))
    monkeypatch.setattr("serbench.adapters.adapter", lambda name, folder: whispers(free))
    output, error = called("whispers", tmp_path / "a", "--yes")
    assert error is None
    assert "Nobody has published a checksum" in output
