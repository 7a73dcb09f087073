"""One test over everything that is registered: a new corpus or model is tested by existing."""

import json

import pytest

from serbench.access import ACCESSES
from serbench.canonical import canonical
from serbench.errors import MissingExtra, SerbenchError
from serbench.fitting import check_classes
from serbench.labels import LabelSpace
from serbench.model import build, declared_recipes, defaults, settings
from serbench.protocols import Protocol, split_digest
from serbench.registry import load, registered
from serbench.splitters import Row, record
from serbench.testing import check_corpus, check_model

# Of whichever of these a model has: enough to be itself, and no more.
SMALL = {
    "batch": 12,  # two steps an epoch
    "blocks": 2,
    "channels": 4,
    "epochs": 2,
    "filters": 8,
    "frames": 20,
    "hidden": 8,
    "hop_ms": 25.0,
    "length": 11025,
    "seconds": 0.25,
    "tokens": 4,
    "trees": 20,
}
# A linear probe has no width; where nothing is dropped by default, there would be no masks to try;
# the convolutions of sdcaff-cnn have no setting for their widths, so it learns for less long.
OWN = {
    "encoder-probe": {"head": "mlp", "dropout": 0.2},
    "caam": {"length": 20000},
    "sdcaff-cnn": {"epochs": 1},
} | {name: {"dropout": 0.2} for name in registered("models") if name.startswith("swrr")}
# Ablations: a model that is tested here in full, with a part of it left out or a length changed.
# What each computes, and that it stacks, their own tests hold (tests/baselines).
ABLATIONS = {
    "sdcaff-concat",
    "swrr-full-size",
    "swrr-no-reuse",
    "swrr-uni-global",
    "swrr-uni-local",
    "swrr-window-50",
    "timnet-no-backward",
    "timnet-no-fusion",
    "timnet-no-multiscale",
}


@pytest.fixture(scope="session")
def encoders(tmp_path_factory):
    """Encoders of random weights in place of pretrained ones, by the names of settings."""
    pytest.importorskip("transformers")
    from serbench.testing.encoders import tiny_audio_encoder, tiny_text_encoder

    folder = tmp_path_factory.mktemp("encoders")
    audio = str(tiny_audio_encoder(folder / "audio"))
    text = str(tiny_text_encoder(folder / "text"))
    return {"encoder": audio, "audio_encoder": audio, "text_encoder": text}


@pytest.mark.parametrize("name", registered("corpora"))
def test_corpus(name):
    corpus = load("corpora", name)()
    assert corpus.card.name == name
    check_corpus(corpus)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.slow] if name in ABLATIONS else [])
        for name in registered("models")
    ],
)
def test_model(name, request):
    factory = load("models", name)
    having = set(defaults(factory))
    small = {key: value for key, value in SMALL.items() if key in having} | OWN.get(name, {})
    if having & {"encoder", "audio_encoder", "text_encoder"}:
        tiny = request.getfixturevalue("encoders")
        small |= {key: value for key, value in tiny.items() if key in having}
    try:
        for recipe in declared_recipes(build(factory, settings(factory, small))):
            assert recipe.extractor
    except MissingExtra as error:
        pytest.skip(str(error))
    check_model(factory, small)


def forged_table(corpora):
    """Ten speakers a corpus, five sessions, four classes, an official split: something for all."""
    return [
        Row(
            id=f"{corpus}/{speaker}/{label}{take}", file=f"{speaker}/{label}{take}.wav",
            speaker=f"{speaker:02}", session=str(speaker // 2), label=label, corpus=corpus,
            fold=("train", "train", "train", "valid", "test")[speaker // 2],
        )
        for corpus in corpora
        for speaker in range(10)
        for label in ("anger", "fear", "neutral", "sadness")
        for take in range(3)
    ]  # fmt: skip


@pytest.mark.parametrize("name", registered("protocols"))
def test_protocol(name):
    """Its card says all that it should, and it draws what its card says."""
    protocol = load("protocols", name)
    assert isinstance(protocol, Protocol)
    assert protocol.name == name
    card = protocol.card()
    assert all(card[part] for part in ("title", "trains", "tests", "labels", "alternatives"))
    assert set(protocol.alternatives) <= set(registered("protocols")) - {name}
    assert set(protocol.labels) <= set(registered("labels"))
    assert {*protocol.corpora, *protocol.split_seeds} <= set(registered("corpora"))
    assert record(protocol.splitter)["kind"]
    assert json.loads(canonical(card))["digest"] == protocol.card()["digest"]

    table = forged_table(("north", "south", "west") if protocol.across else ("north",))
    who = {row.id: (row.corpus, row.speaker) for row in table}
    for access in ACCESSES:
        splits = protocol.under(access).splits(table)
        assert split_digest(splits) == split_digest(protocol.under(access).splits(table[::-1]))
        assert len({split.fold for split in splits}) == len(splits)
        check_classes(splits, table)
        for split in splits:
            tested = [one for ids in split.tests.values() for one in ids]
            sides = (*split.train, *split.validation, *tested)
            assert len(set(sides)) == len(sides)
            assert all(who[one][0] == corpus for corpus, ids in split.tests.items() for one in ids)
            if protocol.speaker_independent:
                assert not {who[one] for one in split.train} & {who[one] for one in tested}
            assert access != "unlabelled" or len(split.tests) == 1


@pytest.mark.parametrize("name", registered("labels"))
def test_label_space(name):
    space = load("labels", name)
    assert isinstance(space, LabelSpace)
    assert space.name == name


@pytest.mark.parametrize("name", registered("executors"))
def test_executor(name):
    make = load("executors", name)
    if getattr(make, "elsewhere", False):  # it says at once what it wants to reach its machines
        with pytest.raises(SerbenchError) as error:
            make(None, ("cpu",))
        assert error.value.expected or isinstance(error.value, MissingExtra)
        return
    make(None, ("cpu",)).run([], lambda event: None)
