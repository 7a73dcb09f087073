"""What installed corpora tell of files that are only named."""

import pytest

from serbench.interchange.recognising import recognised
from serbench.listing import Item
from serbench.manifest import read_manifest
from serbench.registry import load


def asked(*items):
    return recognised({item.id: item for item in items}, {})


def named(corpus, *files):
    items, remarks = asked(*(Item(id=f, corpus=corpus, file=f) for f in files))
    return [items[file] for file in files], remarks


@pytest.mark.parametrize("name", ["casia", "emodb", "emovo", "ravdess", "savee"])
def test_every_file_of_a_release_is_known(name):
    """An adapter tells the speaker from the name alone: no sound, no annotation."""
    (manifest,) = (read_manifest(r.manifest) for r in load("corpora", name).card.releases[:1])
    items, remarks = named(name, *(f"downloads/{name}/{file}" for file in manifest))
    assert remarks == []
    assert [item.file for item in items] == list(manifest)
    assert [item.samples for item in items] == [sound.samples for sound in manifest.values()]
    card = load("corpora", name).card.releases[0]
    assert {item.speaker for item in items} == set(card.speakers)


@pytest.mark.parametrize(
    ("corpus", "file", "speaker", "distributed"),
    [
        ("savee", "downloads/savee/JE_n23.wav", "JE", "JE/n23.wav"),
        ("casia", "a/b/zhaozuoxiang/happy/231.wav", "ZhaoZuoxiang", "ZhaoZuoxiang/happy/231.wav"),
        ("EMO-DB", r"C:\sounds\03a01Fa.WAV", "03", "03a01Fa.wav"),
        ("emovo", "f1/dis-f1-b1.flac", "f1", "f1/dis-f1-b1.wav"),
        ("ravdess", "../../etc/Actor_12/03-01-06-01-02-01-12.wav", "12",
         "Actor_12/03-01-06-01-02-01-12.wav"),
        ("", "/home/me/03a01Fa.wav", "03", "03a01Fa.wav"),
    ],
)  # fmt: skip
def test_in_the_layouts_of_the_wild(corpus, file, speaker, distributed):
    (item,), remarks = named(corpus, file)
    assert (item.speaker, item.file) == (speaker, distributed)
    assert remarks == []


def test_what_the_splits_say_stands():
    said = Item(id="a", corpus="emodb", file="03a01Fa.wav", speaker="me", duration=9.0, rate=8000)
    items, _ = asked(said)
    assert (items["a"].speaker, items["a"].duration, items["a"].rate) == ("me", 9.0, 8000)
    assert items["a"].gender == "male"


def test_a_segment_has_not_the_length_of_its_file():
    items, _ = asked(Item(id="a", corpus="emodb", file="03a01Fa.wav", start=0.1, end=0.2))
    assert (items["a"].speaker, items["a"].duration, items["a"].samples) == ("03", None, None)


@pytest.mark.parametrize(
    ("corpus", "file"),
    [
        ("emodb", "99a01Fa.wav"),  # a name of that form, and no file of a release
        ("emodb", "x" * 300 + ".wav"),
        ("emodb", ""),
        ("emodb", ".."),
        ("iemocap", "Ses01F_impro01_F000.wav"),  # whose speakers stand in annotations
        ("cmu-mosei", "a.wav"),
        ("unheard of", "03a01Fa.wav"),
        ("", "a.wav"),
    ],
)
def test_unknown_is_said(corpus, file):
    items, remarks = asked(Item(id="a", corpus=corpus, file=file))
    assert items["a"].speaker == ""
    assert "the speakers of 1 of 1 utterances" in remarks[0]
    assert "(a)" in remarks[0]


def test_one_stray_file_does_not_silence_the_rest():
    items, remarks = named("emodb", "03a01Fa.wav", "noise.wav", "03a01Fa.wav/x.wav")
    assert [item.speaker for item in items] == ["03", "", ""]
    assert "2 of 3 utterances of emodb" in remarks[0]


def test_nothing_is_left_on_the_disk(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    named("emodb", "../../../03a01Fa.wav", "/03a01Nc.wav")
    assert list(tmp_path.rglob("*")) == []
