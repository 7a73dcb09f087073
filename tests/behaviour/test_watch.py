from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import soundfile

from serbench.audio import inspect, read
from serbench.behaviour import watch
from serbench.behaviour.watch import allowed, watching


@pytest.fixture
def sound(tmp_path):
    path = tmp_path / "target" / "anger.wav"
    path.parent.mkdir()
    soundfile.write(path, np.linspace(-0.5, 0.5, 800), 8000)
    return path


def _opened_by_soundfile(path):
    soundfile.read(path)


def _opened_as_bytes(path):
    os.close(os.open(os.fsencode(path), os.O_RDONLY))


def _opened_by_descriptor(path):
    descriptor = os.open(path, os.O_RDONLY)
    soundfile.read(descriptor, closefd=True)


def _opened_through_a_symbolic_link(path):
    link = path.parent.parent / "elsewhere.wav"
    link.symlink_to(path)
    link.read_bytes()


def _opened_through_a_hard_link(path):
    link = path.parent.parent / "twin.wav"
    os.link(path, link)
    soundfile.info(link)


def _opened_by_a_relative_path(path):
    with contextlib.chdir(path.parent):
        soundfile.read(path.name)


def _opened_in_a_thread(path):
    thread = threading.Thread(target=soundfile.read, args=(str(path),))
    thread.start()
    thread.join()


def _opened_in_a_fork(path):
    child = os.fork()
    if child == 0:
        path.read_bytes()
        os._exit(0)
    os.waitpid(child, 0)


def _named_to_a_program(path):
    subprocess.run(["cat", str(path)], stdout=subprocess.DEVNULL, check=True)


def _named_to_a_shell(path):
    subprocess.run(f"cat {path}", shell=True, stdout=subprocess.DEVNULL, check=True)


def _mapped(path):
    np.memmap(path, mode="r")


@pytest.mark.parametrize(
    "how",
    [
        read,
        inspect,
        _opened_by_soundfile,
        _opened_as_bytes,
        _opened_by_descriptor,
        _opened_through_a_symbolic_link,
        _opened_through_a_hard_link,
        _opened_by_a_relative_path,
        _opened_in_a_thread,
        _opened_in_a_fork,
        _named_to_a_program,
        _named_to_a_shell,
        _mapped,
    ],
)
def test_a_watched_file_is_seen_however_it_is_opened(sound, how):
    with watching([sound]) as seen:
        assert seen.files == ()
        how(sound)
    assert seen.files == (sound,)
    assert len(seen) == 1


def test_other_files_and_other_times_do_not_count(sound, tmp_path):
    other = tmp_path / "source.wav"
    soundfile.write(other, np.zeros(80), 8000)
    sound.read_bytes()
    with watching([sound, tmp_path / "not-there.wav"]) as seen:
        soundfile.read(other)
        sound.stat()
        list(sound.parent.iterdir())
    soundfile.read(sound)
    assert seen.files == ()
    assert len(seen) == 1  # what is not there cannot be watched


def test_what_the_harness_reads_is_allowed_and_threads_meanwhile_are_not(sound, tmp_path):
    twin = tmp_path / "another.wav"
    soundfile.write(twin, np.zeros(80), 8000)
    thread = threading.Thread(target=soundfile.read, args=(str(twin),))
    with watching([sound, twin]) as seen:
        with allowed():
            soundfile.read(sound)
            sound.read_bytes()
            thread.start()
            thread.join()
        assert seen.files == (twin,)
        sound.read_bytes()
    assert set(seen.files) == {sound, twin}


def test_a_training_file_that_is_a_test_file_by_another_name_may_be_opened(sound, tmp_path):
    link = tmp_path / "source.wav"
    link.symlink_to(sound)
    with watching([sound], apart_from=[link]) as seen:
        soundfile.read(sound)
    assert seen.files == ()


def test_watches_may_overlap_and_each_sees_its_own(sound, tmp_path):
    twin = tmp_path / "another.wav"
    soundfile.write(twin, np.zeros(80), 8000)
    with watching([sound]) as first:
        with watching([twin]) as second:
            soundfile.read(sound)
        soundfile.read(twin)
        soundfile.read(sound)
    assert first.files == (sound,)
    assert second.files == ()


def test_programs_that_are_started_are_named(sound):
    with watching([sound]) as seen:
        subprocess.run([sys.executable, "-c", "pass"], check=True)
    assert seen.files == ()
    assert seen.programs == (Path(sys.executable).name,)


def test_soundfile_is_as_it_was_afterwards(sound):
    before = soundfile.SoundFile.__init__
    with watching([sound]):
        assert soundfile.SoundFile.__init__ is not before
    assert soundfile.SoundFile.__init__ is before
    with pytest.raises(ZeroDivisionError), watching([sound]):
        1 / 0  # noqa: B018
    assert soundfile.SoundFile.__init__ is before
    assert not watch._listening


def test_a_wrapping_that_came_meanwhile_is_kept(sound):
    before = soundfile.SoundFile.__init__
    try:
        with watching([sound]) as seen:
            ours = soundfile.SoundFile.__init__

            def theirs(self, *args, **settings):
                ours(self, *args, **settings)

            soundfile.SoundFile.__init__ = theirs
        soundfile.read(sound)
        assert soundfile.SoundFile.__init__ is theirs
        assert seen.files == ()
        with watching([sound]) as seen:
            soundfile.read(sound)
        assert seen.files == (sound,)
        assert soundfile.SoundFile.__init__ is theirs
    finally:
        soundfile.SoundFile.__init__ = before


def test_a_file_that_is_no_name_does_no_harm(sound):
    with watching([sound]) as seen:
        with pytest.raises(FileNotFoundError):
            os.open("nowhere\udcff", os.O_RDONLY)
        with pytest.raises(ValueError, match="null"):
            os.open("a\0b", os.O_RDONLY)
        with pytest.raises(OSError, match="descriptor"):
            os.fdopen(10**6)
    assert seen.files == ()


def test_a_file_that_is_opened_from_an_open_folder_is_told_by_its_name(sound, tmp_path):
    other = tmp_path / "other.wav"
    other.write_bytes(b"")
    with watching([sound]) as seen:
        folder = os.open(tmp_path, os.O_RDONLY)
        os.close(os.open("other.wav", os.O_RDONLY, dir_fd=folder))
        os.close(os.open(sound.name, os.O_RDWR | os.O_CREAT, dir_fd=folder))  # its own, made here
        os.close(folder)
        assert not seen.files
        folder = os.open(sound.parent, os.O_RDONLY)
        os.close(os.open(sound.name, os.O_RDONLY, dir_fd=folder))
        os.close(folder)
    assert seen.files == (sound,)
