"""What ``serbench verify`` refuses, and what it prints of a stranger's words."""

import pytest


@pytest.mark.parametrize(
    ("words", "complaints"),
    [
        (("verify", "nowhere"), ("nowhere does not exist",)),
        (("verify", "results", "--rerun", "-1"), ("--rerun -1",)),
        (("verify", "results", "--salt", "x"), ("--salt without --rerun",)),
        (("verify", "results", "--allow", "0"), ("--allow without --rerun",)),
        (("verify", "results", "--device", "cuda"), ("--device without --rerun",)),
        (("verify", "results", "--rerun", "1", "--model", "svm"), ("path/to/file.py:Class",)),
        (("verify", "results", "--rerun", "1", "--allow", "1"), ("--allow 1",)),
    ],
)
def test_what_cannot_be_meant(command_line, tmp_path, words, complaints):
    (tmp_path / "results" / "trials").mkdir(parents=True)
    command_line(*words).refused(*complaints)


def test_a_file_that_is_no_submission(command_line, tmp_path):
    (tmp_path / "x.tar").write_bytes(b"\x1b[31mred" * 100)
    said = command_line("verify", "x.tar")
    assert said.returncode == 1
    assert "error [archive] it is no submission" in said.stdout
    assert "\x1b" not in said.stdout
    assert said.stdout.splitlines()[-1] == "0 rows: none"
