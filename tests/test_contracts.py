"""One test over everything that is registered: a new corpus or model is tested by existing."""

import pytest

from serbench.errors import MissingExtra
from serbench.labels import LabelSpace
from serbench.model import build, declared_recipes, defaults, settings
from serbench.protocols import Protocol
from serbench.registry import load, registered
from serbench.splitters import record
from serbench.testing import check_corpus, check_model

# Of whichever of these a model has: enough to be itself, and no more.
SMALL = {
    "batch": 8,
    "blocks": 2,
    "channels": 4,
    "epochs": 2,
    "filters": 8,
    "frames": 40,
    "hidden": 8,
    "length": 22050,
    "seconds": 1.0,
    "tokens": 8,
    "trees": 20,
}
OWN = {"encoder-probe": {"head": "mlp"}}  # a linear one has no width


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


@pytest.mark.parametrize("name", registered("models"))
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


@pytest.mark.parametrize("name", registered("protocols"))
def test_protocol(name):
    protocol = load("protocols", name)
    assert isinstance(protocol, Protocol)
    assert protocol.name == name
    assert protocol.title
    assert record(protocol.splitter)["kind"]


@pytest.mark.parametrize("name", registered("labels"))
def test_label_space(name):
    space = load("labels", name)
    assert isinstance(space, LabelSpace)
    assert space.name == name


@pytest.mark.parametrize("name", registered("executors"))
def test_executor(name):
    executor = load("executors", name)(None, ("cpu",))
    executor.run([], lambda event: None)
