"""A trained net on the disk: the same again, and nothing that is not its own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import nn

from serbench.data import LabelledUtterances
from serbench.errors import ModelError, StoreError, UsageError
from serbench.labels import Classes, Scale, Tags
from serbench.registry import load as load_registered

TASKS = {
    "classes": (Classes(("a", "b", "c")), lambda y: y),
    "scale": (Scale(-3.0, 3.0), lambda y: y / 2 - 1),
    "tags": (Tags(("x", "y")), lambda y: np.stack([y > 0, y > 1], 1)),
}


@pytest.fixture
def trained(tiny, speech):
    return tiny(epochs=1).fit(speech(12), seed=0)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "deeper" / "net.safetensors"


@pytest.mark.parametrize("kind", TASKS)
def test_loaded_it_is_the_same(tiny, speech, path, kind):
    task, as_y = TASKS[kind]
    data = speech(12)
    data = LabelledUtterances(
        task, data._source, data._rows, y=as_y(data.y), speakers=data.speakers
    )
    net = tiny(epochs=2, learning_rate=0.1).fit(data, seed=0)
    net.save(path)
    again = tiny.load(path, device="cpu")
    ask = "predict" if kind == "scale" else "predict_proba"
    assert np.array_equal(getattr(again, ask)(data), getattr(net, ask)(data))
    assert (again.settings, again.task_, again.device_.type) == (net.settings, task, "cpu")
    assert not any(part.training for part in again.module_.modules())


def test_the_file_holds_weights_and_words_and_no_code(trained, path):
    trained.save(path)
    with safe_open(path, framework="pt") as file:
        assert set(file.keys()) == set(trained.module_.state_dict())
        notes = file.metadata()
    assert json.loads(notes["settings"]) == trained.settings
    assert json.loads(notes["task"]) == {"kind": "classes", "names": ["a", "b", "c"]}
    assert notes["net"].endswith("TinyNet 1")


def test_a_net_of_another_class_is_refused(trained, tiny, path):
    class Other(tiny):
        pass

    class Newer(tiny):
        version = "2"

    Newer.__qualname__, Newer.__module__ = tiny.__qualname__, tiny.__module__
    trained.save(path)
    for make in (Other, Newer):
        with pytest.raises(StoreError, match=r"holds a net of .*TinyNet 1"):
            make.load(path)


def test_a_net_of_a_file_is_known_by_its_name(tmp_path, path, speech):
    text = """
from dataclasses import dataclass
from torch import nn
from serbench.nets.net import Net

class Module(nn.Module):
    def __init__(self, dims):
        super().__init__()
        self.head = nn.Linear(1, dims)
    def forward(self, inputs):
        return self.head(inputs["level"].values[:, 0])

@dataclass(kw_only=True, eq=False)
class Mine(Net):
    epochs: int = 1
    batch: int = 8
    learning_rate: float = 0.01
    optimiser: str = "sgd"
    recipes = ()
    def build(self, task):
        return Module(len(task.names))
    def arrays(self, data, i):
        import numpy as np
        return {"level": np.ones((1, 1), np.float32)}
"""
    makes = []
    for folder in ("here", "there"):  # as on another machine
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "mine.py").write_text(text)
        makes.append(load_registered("models", f"{tmp_path / folder / 'mine.py'}:Mine"))
    net = makes[0]().fit(speech(8), seed=0)
    net.save(path)
    again = makes[1].load(path)
    assert np.array_equal(again.predict_proba(speech(8)), net.predict_proba(speech(8)))


def test_weights_that_layers_share_are_saved_and_shared_again(tiny, speech, path):
    class Tied(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = nn.Linear(5, 5), nn.Linear(5, 5)
            self.b.weight = self.a.weight
            self.head = nn.Linear(5, 3)

        def forward(self, inputs):
            return self.head(self.b(self.a(inputs["noise"].values.mean(1))))

    @dataclass(kw_only=True, eq=False)
    class TiedNet(tiny):
        def build(self, task):
            return Tied()

    net = TiedNet(epochs=1).fit(speech(8), seed=0)
    net.save(path)
    again = TiedNet.load(path)
    assert again.module_.b.weight is again.module_.a.weight
    assert np.array_equal(again.predict_proba(speech(8)), net.predict_proba(speech(8)))


def test_what_is_not_trained_is_not_saved(tiny, path):
    with pytest.raises(ModelError, match="not trained"):
        tiny().save(path)
    assert not path.exists()


@pytest.mark.parametrize("content", [None, b"", b"not a net", b"\x10" + bytes(40)])
def test_what_is_no_such_file_is_refused(tiny, tmp_path, content):
    file = tmp_path / "net.safetensors"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(StoreError, match=f"{file} is no safetensors file"):
        tiny.load(file)


def test_a_truncated_file_is_refused(trained, tiny, path):
    trained.save(path)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(StoreError, match="no safetensors file"):
        tiny.load(path)


@pytest.mark.parametrize(
    ("notes", "message"),
    [
        ({"net": "another.Net 1"}, "holds a net of another.Net 1"),
        ({"net": None}, "nobody knows what"),
        ({"settings": '{"epoch":1}'}, "settings or a task that .* does not know"),
        ({"settings": "{"}, "settings or a task"),
        ({"task": None}, "settings or a task"),
        ({"task": '{"kind":"classes","names":["a"]}'}, "other weights than the net has"),
    ],
)
def test_another_nets_notes_are_refused(trained, tiny, path, notes, message):
    trained.save(path)
    with safe_open(path, framework="pt") as file:
        weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        kept = file.metadata() | notes
    save_file(weights, path, metadata={k: v for k, v in kept.items() if v is not None})
    with pytest.raises(StoreError, match=message):
        tiny.load(path)


def test_missing_weights_are_refused(trained, tiny, path):
    trained.save(path)
    with safe_open(path, framework="pt") as file:
        weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        notes = file.metadata()
    del weights["head.bias"]
    save_file(weights, path, metadata=notes)
    with pytest.raises(StoreError, match=r"head\.bias"):
        tiny.load(path)


def test_loading_draws_no_random_number_of_the_callers(trained, tiny, path):
    trained.save(path)
    before = torch.get_rng_state()
    tiny.load(path)
    assert torch.equal(torch.get_rng_state(), before)


def test_a_device_that_is_not_there_is_refused(trained, tiny, path):
    trained.save(path)
    with pytest.raises(UsageError, match="'tpu'"):
        tiny.load(path, device="tpu")


def test_a_folder_that_cannot_be_written_is_said(trained, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be written"):
        trained.save(tmp_path / "file" / "net.safetensors")


def test_a_setting_that_names_something_else_by_now_is_refused(tiny, speech, path, tmp_path):
    @dataclass(kw_only=True, eq=False)
    class Placed(tiny):
        encoder: str = ""

        @staticmethod
        def identify(settings):
            return {**settings, "encoder": Path(settings["encoder"]).read_text()}

    here, there = tmp_path / "here", tmp_path / "there"
    here.write_text("weights")
    net = Placed(epochs=1, encoder=str(here)).fit(speech(12), seed=0)
    net.save(path)
    here.rename(there)
    again = Placed.load(path, places={"encoder": str(there)})
    assert np.array_equal(again.predict_proba(speech(5)), net.predict_proba(speech(5)))
    there.write_text("other weights")
    with pytest.raises(StoreError, match="trained with another encoder"):
        Placed.load(path, places={"encoder": str(there)})
