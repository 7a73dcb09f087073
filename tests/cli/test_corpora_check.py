"""``serbench corpora check`` as people and scripts use it."""

import json
import os
import shutil
import subprocess
import sys

import pytest
import soundfile

from serbench.registry import load
from serbench.testing.forge import forge_corpus


@pytest.fixture
def check(command_line):
    """Calls `serbench corpora check`, the folders given by name."""

    def call(*arguments, **roots):
        options = [
            word
            for name, folder in roots.items()
            for word in ("--corpus-root", f"{name.replace('_', '-')}={folder}")
        ]
        return command_line("corpora", "check", *arguments, *options)

    return call


@pytest.fixture(scope="module")
def forged_emovo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("forged") / "emovo"
    return forge_corpus(load("corpora", "emovo")(), folder, seconds=(0.1, 0.2), silent=True)


@pytest.mark.corpus("EMO-DB")
def test_a_whole_corpus(check, real_corpus):
    ran = check("emodb", emodb=real_corpus("EMO-DB"))
    assert ran.returncode == 0, ran.stderr
    first, second, *_ = ran.stdout.splitlines()
    assert first == "emodb: WHOLE, of 535 files: 535 intact"
    assert second.strip() == f"EMO-DB (Burkhardt et al., 2005) in {real_corpus('EMO-DB')}"
    found = json.loads(check("emodb", "--json", emodb=real_corpus("EMO-DB")).stdout)
    assert found["verdict"] == "whole"
    assert found["counts"]["expected"] == found["counts"]["intact"] == 535
    assert found["files"] == found["duplicates"] == found["findings"] == []
    quick = json.loads(check("emodb", "--json", "--quick", emodb=real_corpus("EMO-DB")).stdout)
    assert quick["counts"]["same-sound"] == 535
    assert {one["state"] for one in quick["known_defects"]} == {"unlooked"}
    said = check("emodb", "--quick", emodb=real_corpus("EMO-DB")).stdout
    assert "known defect, not looked at (--quick): " in said
    assert "not all here" not in said
    assert "not compared" in quick["notes"][0]
    assert quick["fingerprint"] == found["fingerprint"]


@pytest.mark.slow
@pytest.mark.corpus("RAVDESS")
def test_a_lossless_copy_with_known_defects(check, real_corpus):
    """What is found there without the command line: tests/check/test_real.py."""
    ran = check("ravdess", ravdess=real_corpus("RAVDESS"))
    assert ran.returncode == 0, ran.stderr
    assert "ravdess: WHOLE, of 1440 files: 6 intact, 1434 lossless-copy" in ran.stdout
    assert ran.stdout.count("known defect, seen here") == 2
    assert "FLAC" not in ran.stdout


@pytest.mark.corpus("EMOVO-excerpt")
def test_a_partial_copy(check, real_corpus):
    folder = real_corpus("EMOVO-excerpt")
    ran = check("emovo", emovo=folder)
    assert ran.returncode == 1
    assert "emovo: NOT WHOLE, of 588 files: 10 intact, 578 missing" in ran.stdout
    assert "missing (578)" in ran.stdout
    assert "and 568 more (--all)" in ran.stdout
    allowed = check("emovo", "--allow-partial", emovo=folder)
    assert allowed.returncode == 0
    assert "emovo: PARTIAL" in allowed.stdout
    assert "missing (578)" in allowed.stdout
    every = check("emovo", "--allow-partial", "--all", emovo=folder)
    assert "--all" not in every.stdout
    assert all(f"tri-m3-{code}.wav" in every.stdout for code in ("b1", "n5"))
    found = json.loads(check("emovo", "--json", emovo=folder).stdout)
    assert found["verdict"] == "not whole"
    assert {file["state"] for file in found["files"]} == {"missing"}


@pytest.mark.corpus("EMOVO-excerpt")
def test_a_partial_copy_that_was_touched_is_not_allowed(check, real_corpus, tmp_path):
    for path in sorted(real_corpus("EMOVO-excerpt").glob("*/*.wav"))[:4]:
        shutil.copyfile(path, tmp_path / path.name)
    path = tmp_path / "gio-f1-n1.wav"
    samples, rate = soundfile.read(path, dtype="int16")
    samples[1000] ^= 1
    soundfile.write(path, samples, rate, "PCM_16")
    ran = check("emovo", "--allow-partial", emovo=tmp_path)
    assert ran.returncode == 1
    assert "emovo: ALTERED" in ran.stdout
    assert "f1/gio-f1-n1.wav" in ran.stdout


def test_a_forged_corpus(check, forged_savee_whole):
    for arguments in ((), ("--allow-partial",)):
        ran = check("savee", *arguments, savee=forged_savee_whole)
        assert ran.returncode == 1
        assert "savee: ALTERED, no sound here is the release's" in ran.stdout
        assert "forged" in ran.stdout
        assert "and 470 more (--all)" in ran.stdout
    found = json.loads(check("savee", "--json", savee=forged_savee_whole).stdout)
    keys = {"corpus", "folder", "release", "verdict", "counts", "files", "duplicates",
            "known_defects", "fingerprint"}  # fmt: skip
    assert keys <= set(found)
    assert found["counts"]["altered"] == len(found["files"]) == 480
    assert set(found["files"][0]) == {"file", "state", "detail"}


def test_several_corpora_and_what_they_share(check, forged_savee_whole, forged_emovo, tmp_path):
    mixed = tmp_path / "emovo"
    shutil.copytree(forged_emovo, mixed)
    shutil.copy(forged_savee_whole / "AudioData/DC/a01.wav", mixed / "EMOVO/f1/dis-f1-b1.wav")
    roots = {"savee": forged_savee_whole, "emovo": mixed}
    ran = check(**roots)
    assert ran.returncode == 1
    assert "savee: ALTERED" in ran.stdout
    assert "emovo: ALTERED" in ran.stdout
    assert "emovo/dis-f1-b1" in ran.stdout
    assert "the same sound as savee/DC/a01" in ran.stdout
    assert "not here: " in ran.stdout
    assert "emodb" in ran.stdout.partition("not here: ")[2]
    found = json.loads(check("--json", **roots).stdout)
    assert [one["corpus"] for one in found["corpora"]] == ["emovo", "savee"]
    assert found["duplicates"] == [["emovo/dis-f1-b1", "savee/DC/a01"]]
    assert "emodb" in found["not_here"]
    named = json.loads(check("savee", "emovo", "savee", "--json", **roots).stdout)
    assert [one["corpus"] for one in named["corpora"]] == ["savee", "emovo"]
    assert named["not_here"] == []


def test_one_of_several_cannot_be_read(check, forged_emovo, tmp_path):
    (tmp_path / "empty").mkdir()
    roots = {"savee": tmp_path / "empty", "emovo": forged_emovo}
    ran = check("savee", "emovo", **roots)
    assert ran.returncode == 1
    assert "Traceback" not in ran.stderr
    assert "savee: UNREADABLE" in ran.stdout
    assert "emovo: ALTERED" in ran.stdout
    first, second = json.loads(check("savee", "emovo", "--json", **roots).stdout)["corpora"]
    assert first["verdict"] == "unreadable"
    assert "holds no file of" in first["error"]
    assert second["verdict"] == "altered"


def test_one_that_cannot_be_read_is_as_one_of_several(check, tmp_path):
    (tmp_path / "empty").mkdir()
    ran = check("savee", savee=tmp_path / "empty")
    assert ran.returncode == 1
    assert "Traceback" not in ran.stderr
    assert "savee: UNREADABLE" in ran.stdout
    assert "holds no file of" in ran.stdout
    assert "corpora remove" not in ran.stdout  # it was named for this command
    ran = check("savee", "--json", savee=tmp_path / "empty")
    assert ran.returncode == 1
    found = json.loads(ran.stdout)
    assert found["verdict"] == "unreadable"
    assert found["folder"] == str(tmp_path / "empty")
    assert "holds no file of" in found["error"]


def test_a_remembered_folder_that_is_gone(check, forged_emovo, tmp_path):
    (tmp_path / "config").mkdir()
    remembered = {"savee": str(tmp_path / "gone"), "whispers": str(tmp_path / "away")}
    (tmp_path / "config" / "corpora.json").write_text(json.dumps(remembered))
    ran = check(emovo=forged_emovo)
    assert ran.returncode == 1
    for name, folder in remembered.items():
        assert f"{name}: UNREADABLE" in ran.stdout
        assert f"the corpus {name!r} is remembered to be in {folder}" in ran.stdout
        assert f"serbench corpora remove {name}" in ran.stdout
    records = json.loads(check("--json", emovo=forged_emovo).stdout)["corpora"]
    assert {one["corpus"]: one.get("forget") for one in records} == {
        "emovo": None,
        "savee": "serbench corpora remove savee",
        "whispers": "serbench corpora remove whispers",
    }
    assert json.loads(check("whispers", "--json").stdout)["verdict"] == "unreadable"


def test_a_remembered_folder_that_cannot_be_read(check, tmp_path):
    for name in ("config", "empty"):
        (tmp_path / name).mkdir()
    (tmp_path / "config" / "corpora.json").write_text(
        json.dumps({"savee": str(tmp_path / "empty")})
    )
    ran = check()
    assert ran.returncode == 1
    assert "to leave it out of the next check: serbench corpora remove savee" in ran.stdout


def test_a_folder_of_a_corpus_that_is_not_asked_for(check, forged_emovo):
    ran = check("emovo", emovoo=forged_emovo)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "the corpus 'emovoo' is not asked for" in ran.stderr
    assert f"did you mean --corpus-root emovo={forged_emovo}?" in ran.stderr
    ran = check(emovoo=forged_emovo)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "no corpus is called 'emovoo'" in ran.stderr


def test_no_folder_is_known(check):
    for arguments, words in (((), "no corpus is known here"), (("savee",), "is not known")):
        ran = check(*arguments)
        assert (ran.returncode, ran.stdout) == (1, "")
        assert words in ran.stderr
        assert "serbench corpora add" in ran.stderr
    assert "did you mean 'savee'?" in check("save").stderr


def test_without_checksums(check, tmp_path):
    folder = forge_corpus(
        load("corpora", "iemocap")(), tmp_path / "iemocap", per_cell=1, silent=True,
        seconds=(0.05, 0.1),
    )  # fmt: skip
    ran = check("iemocap", iemocap=folder)
    assert ran.returncode == 1
    assert "no manifest is known of IEMOCAP" in ran.stdout
    found = json.loads(check("iemocap", "--json", iemocap=folder).stdout)
    assert found["basis"] == "names and counts"
    assert found["counts"]["readable"] > 0


def test_a_table_of_sounds_that_another_corpus_has(check, forged_savee_whole, tmp_path):
    """What is as it should be is told in a line, and the one fault is not below it in a list."""
    folder = tmp_path / "mine"
    folder.mkdir()
    rows = ["file,speaker,emotion"]
    for n, label in enumerate(("ang", "sad", "ang", "saad")):
        soundfile.write(folder / f"{n}.wav", [n / 8, 0.25, 0.125], 16000)
        rows.append(f"{n}.wav,s{n},{label}")
    (folder / "m.csv").write_text("\n".join(rows))
    (folder / "corpus.toml").write_text(
        'name = "mine"\ntable = "m.csv"\n[labels]\nang = "anger"\nsad = "sadness"\n'
    )
    ran = check("mine", mine=folder)
    assert ran.returncode == 1
    assert "readable (" not in ran.stdout
    assert "m.csv, line 5: label 'saad' is none of ang, sad; did you mean 'sad'?" in ran.stdout
    assert ran.stdout.count(str(folder)) == 1  # paths are told from there
    assert "unclaimed" not in ran.stdout


@pytest.mark.corpus("EMO-DB")
def test_readable_files_that_are_known_are_a_line(check, real_corpus, tmp_path):
    folder = tmp_path / "mine"
    (folder / "wav").mkdir(parents=True)
    names = ("03a01Fa", "03a01Nc", "08a01Fd")
    for name in names:
        shutil.copy(real_corpus("EMO-DB") / "wav" / f"{name}.wav", folder / "wav")
    rows = [f"wav/{name}.wav,{name[:2]},{name[5]}" for name in names]
    (folder / "m.csv").write_text("\n".join(["file,speaker,emotion", *rows]))
    (folder / "corpus.toml").write_text(
        'name = "mine"\ntable = "m.csv"\n[labels]\nF = "happiness"\nN = "neutral"\n'
    )
    ran = check("mine", mine=folder)
    assert ran.returncode == 0, ran.stdout
    assert (
        "3 sounds are those of another corpus: wav/03a01Fa.wav holds the sound of emodb 03a01Fa.wav"
    ) in ran.stdout
    assert "readable (" not in ran.stdout
    every = check("mine", "--all", mine=folder)
    assert "readable (3)" in every.stdout


def test_paths_are_no_markup(check, tmp_path):
    folder = tmp_path / "[bold]DC[/bold]" / "DC"
    folder.mkdir(parents=True)
    soundfile.write(folder / "a01.wav", [[0.5], [0.25]], 44100)
    soundfile.write(folder / "[red].wav", [[0.5], [0.25]], 44100)
    ran = check("savee", savee=folder.parent)
    assert "[bold]DC[/bold]" in ran.stdout
    assert "DC/[red].wav" in ran.stdout


def test_torch_is_not_imported(forged_savee, tmp_path):
    code = (
        "import sys; from serbench.cli.app import main\n"
        f"sys.argv = ['serbench', 'corpora', 'check', 'savee', '--corpus-root',"
        f" 'savee={forged_savee}']\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print('HEAVY', [m for m in ('torch', 'librosa', 'sklearn', 'pandas') if m in sys.modules])"
    )
    environment = dict(os.environ, SERBENCH_CACHE=str(tmp_path))
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert ran.stdout.splitlines()[-1] == "HEAVY []"


def test_help_has_examples_to_copy(check):
    ran = check("--help")
    assert ran.returncode == 0
    assert "serbench corpora check ravdess --corpus-root ravdess=data/RAVDESS" in ran.stdout
