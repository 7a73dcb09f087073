"""``serbench audit`` as people and scripts use it."""

import json
import shutil
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from serbench import bench
from serbench.cli.audit import EXAMPLES, audit
from serbench.cli.progress import Screen
from serbench.errors import SerbenchError, UsageError
from serbench.interchange.writing import write
from serbench.listing import Item, Listing
from serbench.protocols import Split
from serbench.request import Request

EMOBOX = Path(__file__).resolve().parents[3] / "shared" / "peers" / "EmoBox"
NO_EMOBOX = pytest.mark.skipif(not EMOBOX.is_dir(), reason=f"{EMOBOX} does not exist")


@pytest.fixture
def command(tmp_path, monkeypatch):
    """Calls the command; errors come out as they are raised."""
    for name in ("CACHE", "CONFIG", "RESULTS"):
        monkeypatch.setenv(f"SERBENCH_{name}", str(tmp_path / name.lower()))
    monkeypatch.delenv("SERBENCH_CORPORA", raising=False)
    monkeypatch.setenv("COLUMNS", "160")
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command(epilog=EXAMPLES)(audit)

    def call(*words):
        ran = CliRunner().invoke(app, [*map(str, words)])
        if isinstance(ran.exception, SerbenchError):
            raise ran.exception
        assert ran.exception is None or isinstance(ran.exception, SystemExit), ran.exception
        return ran

    return call


@NO_EMOBOX
def test_emoboxs_emodb_as_text(command):
    ran = command(EMOBOX / "emodb")
    assert ran.exit_code == 1
    first, second, *_ = ran.stdout.splitlines()
    assert first == "emodb: 2 errors, 4 warnings, 2 remarks"
    assert second.strip() == "speaker-dependent, text-dependent, 2 errors, 4 warnings"
    assert "10 of 10 speakers who are tested are heard in training, in 5 of 5 folds" in ran.stdout
    assert "not checked: L07: needs the recordings that utterances are cut from" in ran.stdout


@NO_EMOBOX
def test_emoboxs_folds_as_json(command):
    ran = command(EMOBOX / "emodb", "--json")
    assert ran.exit_code == 1
    told = json.loads(ran.stdout)
    assert set(told) == {"findings", "not_checked", "badges"}
    for one in told["findings"]:
        assert {"rule", "severity", "count", "examples"} <= set(one)
    (shared,) = (one for one in told["findings"] if one["rule"] == "L01")
    assert (shared["severity"], shared["count"], shared["counts"]) == ("error", 10, [10] * 5)
    clean = command(EMOBOX / "ravdess", "--json")
    assert clean.exit_code == 0
    assert "L01" not in {one["rule"] for one in json.loads(clean.stdout)["findings"]}
    assert "L01" not in {one["rule"] for one in json.loads(clean.stdout)["not_checked"]}


@NO_EMOBOX
def test_what_is_grave_is_for_the_user_to_say(command):
    assert command(EMOBOX / "ravdess", "--fail-on", "warning").exit_code == 1
    assert command(EMOBOX / "emodb", "--fail-on", "never").exit_code == 0
    declared = command(EMOBOX / "emodb", "--speaker-dependent", "--json")
    (shared,) = (one for one in json.loads(declared.stdout)["findings"] if one["rule"] == "L01")
    assert shared["severity"] == "info"


def splits(folder, form):
    """Six utterances, of which one speaker is on both sides."""
    items = tuple(
        Item(id=f"u{n}", label="ab"[n % 2], corpus="mine", file=f"u{n}.wav", speaker=f"s{n // 2}")
        for n in range(6)
    )
    folds = (
        Split("1", ("u0", "u1", "u2"), {"mine": ("u3", "u4", "u5")}),
        Split("2", ("u3", "u4", "u5"), {"mine": ("u0", "u1", "u2")}),
    )
    write(Listing("mine", items, folds), folder, form)
    return folder


@pytest.mark.parametrize("form", ["csv", "emobox", "nkululeko"])
def test_folds_of_every_format(command, tmp_path, form):
    place = splits(tmp_path / ("mine.csv" if form == "csv" else "mine"), form)
    ran = command(place, "--json")
    assert ran.exit_code == 1
    (shared,) = (one for one in json.loads(ran.stdout)["findings"] if one["rule"] == "L01")
    assert (shared["count"], shared["examples"]) == (1, ["s1"])


def test_a_protocol_on_corpora(command, forged_savee, tmp_path):
    words = ("--corpus", "savee", "--corpus-root", f"savee={forged_savee}", "--allow-partial")
    page = tmp_path / "audit.html"
    ran = command("loso", *words, "--no-sounds", "--quiet", "--page", page)
    assert ran.exit_code == 0, ran.stdout
    assert ran.stdout.startswith("loso on savee: ")
    assert "speaker-independent" in ran.stdout
    assert "searched for copies (--no-sounds)" in ran.stdout
    assert "speaker-independent" in page.read_text(encoding="utf-8")
    shared = json.loads(command("kfold", *words, "--no-sounds", "--quiet", "--json").stdout)
    assert "speaker-dependent" in shared["badges"]


def test_sounds_are_searched_where_they_are_at_hand(command, forged_savee, tmp_path):
    root = shutil.copytree(forged_savee, tmp_path / "savee")
    files = sorted(root.rglob("*.wav"))
    shutil.copyfile(files[0], files[-1])  # one speaker's sound under another's name
    ran = command(
        "loso", "--corpus", "savee", "--corpus-root", f"savee={root}", "--allow-partial",
        "--quiet", "--json", "--workers", "1",
    )  # fmt: skip
    told = json.loads(ran.stdout)
    assert ran.exit_code == 1
    assert {one["rule"] for one in told["findings"] if one["severity"] == "error"} == {"L05"}
    assert not any(one["rule"] == "L06" for one in told["not_checked"])


def test_a_model_at_work(command, tmp_path):
    place = splits(tmp_path / "mine.csv", "csv")
    told = json.loads(command(place, "--model", "prior", "--quiet", "--json").stdout)
    unchecked = {one["rule"] for one in told["not_checked"]}
    assert not unchecked & {"L09", "L10", "L20", "L22"}
    with pytest.raises(UsageError, match="--set epochs=2"):
        command(place, "--set", "epochs=2")


@pytest.fixture(scope="module")
def results(forged_savee, tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    request = Request(
        models=[("prior", {})], protocols=["loso", "kfold"], corpora=["savee"],
        results=folder / "results", cache=folder / "cache", roots={"savee": forged_savee},
        allow_partial=True, workers=1,
    )  # fmt: skip
    assert not bench.run(request, Screen(quiet=True)).failures
    return request.results


def test_every_row_of_a_results_folder(command, results):
    ran = command(results, "--no-sounds", "--quiet", "--json")
    assert ran.exit_code == 0, ran.stdout
    told = json.loads(ran.stdout)
    assert {one["name"] for one in told["audited"]} == {
        "prior, loso on savee",
        "prior, kfold on savee",
    }
    (shared,) = (one for one in told["findings"] if one["rule"] == "L01")
    assert shared["of"] == "prior, kfold on savee"


def test_the_row_of_a_trial(command, results):
    trial = next((results / "trials").glob("*/*"))
    protocol = json.loads((trial / "trial.json").read_bytes())["protocol"]["name"]
    ran = command(trial.name[:12], "--results", results, "--no-sounds", "--quiet", "--json")
    told = json.loads(ran.stdout)
    assert "audited" not in told
    assert ("speaker-independent" in told["badges"]) == (protocol == "loso")


def test_a_result_that_was_tampered_with(command, results, tmp_path):
    copy = shutil.copytree(results, tmp_path / "copy")
    path = next(copy.glob("trials/*/*/predictions-savee.parquet"))
    path.write_bytes(path.read_bytes()[:-1])
    ran = command(copy, "--no-sounds", "--quiet", "--json")
    assert ran.exit_code == 1
    assert {one["rule"] for one in json.loads(ran.stdout)["findings"]} >= {"L14"}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("looso",), "did you mean 'loso'"),
        (("loso",), "no corpus to audit loso on"),
        (("loso", "--corpus", "nowhere"), "nowhere"),
        (("loso", "--corpus", "savee", "--fail-on", "always"), "--fail-on always"),
        (("loso", "--corpus", "savee", "--selection", "best"), "--selection best"),
        (("0123456789ab",), "no finished trial"),
    ],
)
def test_what_cannot_be_meant_is_explained(command, words, told):
    with pytest.raises(SerbenchError, match=told):
        command(*words)


def test_a_folder_without_splits(command, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(SerbenchError):
        command(tmp_path / "empty")


def test_sounds_that_are_asked_for_and_not_at_hand(command, tmp_path):
    with pytest.raises(UsageError, match="--sounds"):
        command(splits(tmp_path / "mine.csv", "csv"), "--sounds")


def test_help_has_examples_to_copy(command):
    told = command("--help").stdout
    assert "serbench audit loso --corpus emodb" in told
    assert "--fail-on" in told
