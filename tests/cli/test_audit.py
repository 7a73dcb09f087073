"""``serbench audit`` as people and scripts use it."""

import json
import re
import shutil
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from serbench import bench
from serbench.by_fold import by_fold
from serbench.cli.audit import EXAMPLES, at_work, audit, targets
from serbench.cli.progress import Screen
from serbench.errors import SerbenchError, UsageError
from serbench.interchange.writing import write
from serbench.listing import Item, Listing
from serbench.protocols import Split
from serbench.request import Request
from serbench.store import Store

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
    assert not unchecked & {"L09", "L10", "L20"}
    (part,) = (one for one in told["not_checked"] if one["rule"] == "L22")
    assert "only make-believe files were watched" in part["needs"]
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
    names = sorted(one["name"].partition(", labels")[0] for one in told["audited"])
    assert names == ["prior, kfold on savee", "prior, loso on savee"]
    (shared,) = (one for one in told["findings"] if one["rule"] == "L01")
    assert shared["of"].startswith("prior, kfold on savee")
    assert shared["row"] in {one["row"] for one in told["audited"]}


def test_rows_as_text_begin_with_a_table_and_end_with_what_is_unchecked(command, results):
    text = command(results, "--no-sounds", "--quiet").stdout
    keys = [row["row"][:8] for row in by_fold_rows(results)]
    top, *sections = re.split(r"^(?=prior, )", text, flags=re.MULTILINE)
    assert all(key in top for key in keys)
    assert [any(f"(row {key})" in one for key in keys) for one in sections] == [True, True]
    assert "not checked" not in sections[0]
    lines = [line for line in text.splitlines() if line.startswith("  not checked")]
    assert len(lines) == len(set(lines))
    assert text.rstrip().endswith(lines[-1].strip())


def by_fold_rows(results):
    """As `leaderboard --folds --json` prints them."""
    records = [record for board in by_fold(Store(results)) for record in board.records()]
    return list({record["row"]: record for record in records}.values())


def test_a_row_by_the_key_that_the_leaderboard_gives(command, results):
    for row in by_fold_rows(results):
        words = (row["row"][:6], "--results", results, "--no-sounds", "--quiet", "--json")
        told = json.loads(command(*words).stdout)
        assert told["row"] == row["row"]
        assert ("speaker-independent" in told["badges"]) == (row["protocol"] == "loso")
    with pytest.raises(UsageError, match="named by 6 digits or more"):
        command(by_fold_rows(results)[0]["row"][:5], "--results", results)


def test_rows_of_a_model_that_is_not_installed_any_more(command, results, monkeypatch):
    monkeypatch.setattr(at_work, "is_installed", lambda name: False)
    monkeypatch.setattr(targets, "is_installed", lambda name: False)
    ran = command(results, "--model", "prior", "--no-sounds", "--json")
    assert len(json.loads(ran.stdout)["audited"]) == 2
    assert "prior is not installed here" in ran.stderr
    with pytest.raises(UsageError, match="no row of the model Cheat") as found:
        command(results, "--model", "cheat.py:Cheat", "--no-sounds")
    assert "prior, loso on savee" in found.value.expected


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


def test_what_cannot_be_read_is_told_apart_from_what_is_found(command, tmp_path):
    """UsageError is status 2 (serbench.cli.app): 1 says that something was found."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty.csv").touch()
    (tmp_path / "heading.csv").write_text("id,side,emotion\n", encoding="utf-8")
    (tmp_path / "results" / "trials").mkdir(parents=True)
    for name in ("empty", "empty.csv", "heading.csv", "results"):
        with pytest.raises(UsageError, match=name.partition(".")[0]):
            command(tmp_path / name)
    words = ("loso", "--corpus", "savee", "--corpus-root", f"savee={tmp_path / 'empty'}")
    with pytest.raises(UsageError):
        command(*words)
    (tmp_path / "broken.py").write_text(
        "class Broken:\n"
        "    def fit(self, train, *, seed):\n        raise RuntimeError('no memory')\n"
        "    def predict_proba(self, test):\n        return None\n",
        encoding="utf-8",
    )
    place = splits(tmp_path / "mine.csv", "csv")
    with pytest.raises(UsageError, match=r"empty\.csv"):  # a file is no folder to write into
        command(place, "--page", tmp_path / "empty.csv" / "page.html")
    with pytest.raises(UsageError, match="RuntimeError: no memory"):
        command(place, "--model", f"{tmp_path / 'broken.py'}:Broken", "--quiet")


@pytest.mark.parametrize(
    "option",
    [("--labels", "own"), ("--target-access", "none"), ("--selection", "val"),
     ("--results", "elsewhere"), ("--corpus-root", "savee=elsewhere")],
)  # fmt: skip
def test_options_that_change_nothing_of_splits_are_refused(command, tmp_path, option):
    with pytest.raises(UsageError, match=option[0]):
        command(splits(tmp_path / "mine.csv", "csv"), *option)


def test_a_corpus_that_splits_have_nothing_of_is_refused(command, forged_savee, tmp_path):
    root = ("--corpus-root", f"savee={forged_savee}", "--allow-partial")
    with pytest.raises(UsageError, match="no utterance of mine is of it"):
        command(splits(tmp_path / "mine.csv", "csv"), "--corpus", "savee", *root)


@pytest.mark.parametrize(
    "option", [("--labels", "own"), ("--target-access", "none"), ("--speaker-dependent",)]
)
def test_options_that_change_nothing_of_a_run_are_refused(command, results, option):
    with pytest.raises(UsageError, match=f"{option[0]} changes nothing of a finished run"):
        command(results, *option)
    with pytest.raises(UsageError, match="--speaker-dependent changes nothing of a protocol"):
        command("loso", "--corpus", "savee", "--speaker-dependent")


def test_a_model_that_opens_the_corpora_at_hand(command, forged_savee, tmp_path):
    """Its folder is known to the command, whatever is audited."""
    (tmp_path / "bad.py").write_text(
        "from pathlib import Path\nimport numpy as np\n\n\nclass Cheat:\n"
        "    deterministic = True\n"
        "    def fit(self, train, *, seed):\n"
        f"        for path in Path({str(forged_savee)!r}).rglob('*.wav'):\n"
        "            path.read_bytes()\n"
        "        return self\n"
        "    def predict_proba(self, test):\n"
        "        return np.full((len(test), 3), 1 / 3)\n",
        encoding="utf-8",
    )
    ran = command(
        splits(tmp_path / "mine.csv", "csv"), "--model", f"{tmp_path / 'bad.py'}:Cheat",
        "--corpus-root", f"savee={forged_savee}", "--quiet", "--json",
    )  # fmt: skip
    assert ran.exit_code == 1
    told = json.loads(ran.stdout)
    (opened,) = (one for one in told["findings"] if one["rule"] == "L22")
    assert "files of savee were opened" in opened["message"]
    assert not any(one["rule"] == "L22" for one in told["not_checked"])


def test_what_was_not_checked_names_the_option_that_would_help(command, tmp_path):
    text = command(splits(tmp_path / "mine.csv", "csv"), "--quiet").stdout
    assert "L22: needs a model at work: --model NAME" in text
    assert "searched for copies (6 of 6 are not at hand): --corpus NAME --corpus-root" in text
    assert " info " not in text


def test_sounds_that_are_asked_for_and_not_at_hand(command, tmp_path):
    with pytest.raises(UsageError, match="--sounds"):
        command(splits(tmp_path / "mine.csv", "csv"), "--sounds")


def test_help_has_examples_to_copy(command):
    told = command("--help").stdout
    assert "serbench audit loso --corpus emodb" in told
    assert "--fail-on" in told
