"""One net of ``nets.py`` and the plain ones beside it, with the same weights and utterances."""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass

import numpy as np
import torch
from plain_fusion import PlainSDCAFF, PlainSWRR
from plain_nets import (
    PlainBiLSTMs,
    PlainGMTCNet,
    PlainLightSERNet,
    PlainTIMNet,
    UnpackedBiLSTMs,
)
from torch import nn

from serbench.data import LabelledUtterances
from serbench.labels import Classes
from serbench.nets.normalise import Standardise
from serbench.nets.outputs import LOGITS, outputs_of
from serbench.nets.shelf import Shelf
from serbench.registry import load

TASK = Classes(tuple(f"class {i + 1}" for i in range(7)))
PLAIN = {
    "timnet": (PlainTIMNet, {"length": 96_000}),
    "gmtcnet": (PlainGMTCNet, {}),
    "lightsernet": (PlainLightSERNet, {}),
    "dblmm": (PlainBiLSTMs, {"hidden": 64}),
    "bilstm-logmel": (PlainBiLSTMs, {"hidden": 64}),
    "sdcaff": (PlainSDCAFF, {"hidden": 256}),
    "swrr": (PlainSWRR, {}),
}
UNPACKED = ("dblmm", "bilstm-logmel")


@dataclass(frozen=True)
class Stand:
    """In place of an encoder's states, which take a file of weights: noise of that shape."""

    name: str
    dims: int
    per_second: float
    most: int
    rate: int = 16000
    channel: str = "first"
    extractor: str = "none"


class Speech:
    """Utterances as long as EMO-DB's, 1.2 to 8 s and 2.8 in the mean, of noise."""

    def __init__(self, count: int) -> None:
        rng = np.random.default_rng(0)
        self.seconds = np.clip(rng.gamma(6.0, 2.7 / 6.0, count), 1.2, 8.0)
        self.known: dict[tuple[int, object], np.ndarray] = {}

    def feature(self, row, recipe):
        if (row, recipe) not in self.known:
            rng, seconds = np.random.default_rng(row), self.seconds[row]
            if isinstance(recipe, Stand):
                frames = min(recipe.most, math.ceil(seconds * recipe.per_second))
                made = rng.standard_normal((frames, recipe.dims))
            else:
                samples = rng.uniform(-0.1, 0.1, int(seconds * recipe.rate))
                made = recipe.extract(samples.astype(np.float32), recipe.rate)
            self.known[row, recipe] = made.astype(np.float32)
        return self.known[row, recipe]

    def text(self, row):
        return "what a stand-in never reads"


def make(name: str, settings: dict[str, object]):
    """The net of that name; of one that reads encoders, its like with stand-ins for them."""
    kind = load("models", name)
    if name == "swrr":
        stands = Stand("audio", 768, 50.0, kind().frames), Stand("text", 768, 5.0, kind().tokens)
        kind = type(kind.__name__, (kind,), {"recipes": stands})
    return kind(**settings)


class Legs:
    """One net and its plain counterparts, with the same weights, over the same utterances."""

    def __init__(self, name: str, count: int) -> None:
        plain, settings = PLAIN[name]
        self.net = make(name, settings)
        rows = np.arange(count)
        self.data = LabelledUtterances(
            TASK,
            Speech(count),
            rows,
            y=rows % len(TASK.names),
            speakers=rows % 10,
            targets={"gender": rows % 2},
            inputs=("audio", "text"),
        )
        self.answers = {"y": torch.from_numpy(rows % 7), "gender": torch.from_numpy(rows % 2)}
        self.shelf = Shelf.of([self.net.arrays(self.data, i) for i in range(count)])
        torch.manual_seed(0)
        self.net.task_ = TASK
        self.module = self.net.build(TASK)
        self.net.prepare(self.module, self.shelf)
        self.scales = {m.of: m for m in self.module.modules() if isinstance(m, Standardise)}
        self.plain = {"plain": self.filled(plain)}
        if name in UNPACKED:
            self.plain["unpacked"] = self.filled(UnpackedBiLSTMs)

    def filled(self, kind):
        """A plain module with the net's weights, copied in their order."""
        module = kind(self.net, len(TASK.names))
        fitted = [
            f"{name}." for name, m in self.module.named_modules() if m in self.scales.values()
        ]
        state = {
            name: tensor
            for name, tensor in self.module.state_dict().items()
            if not name.startswith(tuple(fitted))
        }
        ours = module.copied(state)
        names = module.state_dict()
        pairs = zip(names, ours, strict=True)
        module.load_state_dict({name: t.reshape(names[name].shape).clone() for name, t in pairs})
        return module

    def differences(self) -> dict[str, float]:
        """How far the script is from the net, relative to the size of the numbers."""
        rows = np.arange(min(self.net.batch, len(self.data)))
        batch, answers = self.tensors(rows), self.answered(rows)
        ours, plain = copy.deepcopy(self.module), copy.deepcopy(self.plain["plain"])
        worst = {}
        with torch.no_grad():
            said = outputs_of(ours.eval(), self.shelf.batch(rows))[LOGITS]
            worst["logits"] = apart(plain.logits(plain.eval()(batch)), said)
        for module in (ours, plain):
            module.train()
            for part in module.modules():
                if isinstance(part, nn.Dropout | nn.Dropout1d):
                    part.p = 0.0  # each draws masks of its own
        theirs, mine = plain.loss(plain(batch), answers), outputs_of(ours, self.shelf.batch(rows))
        loss = self.net.loss(mine, answers)
        worst["loss"] = apart(theirs, loss)
        theirs.backward()
        loss.backward()
        norms = [
            torch.stack([w.grad.norm() for w in module.parameters() if w.grad is not None]).norm()
            for module in (plain, ours)
        ]
        worst["gradient"] = apart(*norms)
        return worst

    def tensors(self, rows: np.ndarray) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
        """A batch for the script, scaled and padded: name to values and lengths."""
        padded = self.shelf.batch(rows).items()
        scaled = {name: self.scales[name](x) if name in self.scales else x for name, x in padded}
        return {name: (x.values.clone(), x.lengths) for name, x in scaled.items()}

    def answered(self, rows: np.ndarray) -> dict[str, torch.Tensor]:
        return {name: values[torch.from_numpy(rows)] for name, values in self.answers.items()}


def apart(a: torch.Tensor, b: torch.Tensor) -> float:
    return ((a - b).abs().max() / b.abs().max()).item()
