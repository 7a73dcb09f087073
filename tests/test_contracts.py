"""One test over everything that is registered: a new corpus or model is tested by existing."""

import pytest

from serbench.errors import SerbenchError
from serbench.labels import LabelSpace
from serbench.model import build, declared_recipes, defaults
from serbench.protocols import Protocol
from serbench.registry import load, registered
from serbench.splitters import record
from serbench.testing import check_corpus, check_model

SMALL = {"hidden": 4, "epochs": 2, "batch": 8}  # of whichever of these a model has


def small(factory):
    return {name: value for name, value in SMALL.items() if name in defaults(factory)}


@pytest.mark.parametrize("name", registered("corpora"))
def test_corpus(name):
    corpus = load("corpora", name)()
    assert corpus.card.name == name
    check_corpus(corpus)


@pytest.mark.parametrize("name", registered("models"))
def test_model(name):
    factory = load("models", name)
    try:
        for recipe in declared_recipes(build(factory, defaults(factory))):
            assert recipe.extractor
    except SerbenchError as error:
        pytest.skip(str(error))
    check_model(factory, small(factory))


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
