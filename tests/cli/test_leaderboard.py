"""``serbench leaderboard`` after a run, in every format, and in a process that stays light."""

import csv
import io
import json
import os
import subprocess
import sys


def test_run_and_leaderboard_in_every_format(command_line, forged_savee):
    ran = command_line(
        "run", "--model", "svm-mfcc", "--model", "prior", "--protocol", "loso", "--corpus", "savee",
        "--corpus-root", f"savee={forged_savee}", "--allow-partial", "--set", "svm-mfcc:c=2",
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert "svm-mfcc" in ran.stdout
    table = command_line("leaderboard").stdout
    assert "savee under loso" in table
    assert "PARTIAL CORPUS" in table
    assert "c=2.0" in table
    rows = json.loads(command_line("leaderboard", "--format", "json").stdout)
    promised = {"corpora", "protocol", "selection", "model", "variant", "ua", "ua_low", "ua_high",
                "wa", "ua_fold", "n_speakers", "n_folds", "n_seeds", "trials_done",
                "trials_planned"}  # fmt: skip
    assert promised <= set(rows[0])
    assert rows[0]["model"] == "svm-mfcc"
    assert rows[0]["variant"] == "c=2.0"
    assert rows[0]["corpora"] == ["savee"]
    read = list(csv.DictReader(io.StringIO(command_line("leaderboard", "--format", "csv").stdout)))
    models = [row["model"] for row in read if row["canary"] == "False"]
    assert models == ["svm-mfcc", "prior"]
    assert "canary: majority" in {row["model"] for row in read}
    assert float(read[0]["ua"]) == rows[0]["ua"]
    assert "| svm-mfcc | c=2.0 |" in command_line("leaderboard", "--format", "md").stdout
    command_line("leaderboard", "--model", "none", "--json").refused("no board matches none")


def test_leaderboard_with_results_never_imports_torch(command_line, forged_savee, tmp_path):
    ran = command_line("run", "--model", "prior", "--protocol", "loso", "--corpus", "savee",
                   "--corpus-root", f"savee={forged_savee}", "--allow-partial")  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    code = (
        "import sys; from serbench.cli.app import main\n"
        "sys.argv = ['serbench', 'leaderboard']\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print('HEAVY', [m for m in ('torch', 'librosa', 'sklearn') if m in sys.modules])"
    )
    environment = dict(os.environ, SERBENCH_RESULTS=str(tmp_path / "results"))
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert ran.stdout.splitlines()[-1] == "HEAVY []"
    assert "prior" in ran.stdout
