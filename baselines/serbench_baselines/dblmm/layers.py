"""The layers of DBL-MM and of its halves, and the weights that they start from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import torch
from torch import nn

from serbench.nets.batchnorm import BatchNorm1d
from serbench.nets.dropout import Dropout
from serbench.nets.normalise import Standardise
from serbench.nets.outputs import LOGITS, REPRESENTATION, Outputs
from serbench.nets.padded import Padded
from serbench.nets.pooling import (
    Attention,
    FinalStateAttention,
    LastStepAttention,
    LearnedAttention,
    MeanPooling,
)
from serbench.nets.recurrent import BiLSTM, PeepholeBiLSTM

if TYPE_CHECKING:
    from serbench_baselines.dblmm.nets import PooledBiLSTMs

ACTIVATIONS: Mapping[str, type[nn.Module]] = {
    "linear": nn.Identity,
    "relu": nn.ReLU,
    "tanh": nn.Tanh,
}


class PooledModule(nn.Module):
    """Branches, pooling, BatchNorm, logits.

    Parameters
    ----------
    net
        Whose settings these are.
    dims
        Array to its coefficients: a branch each.
    columns
        Of the logits.
    """

    def __init__(self, net: PooledBiLSTMs, dims: Mapping[str, int], columns: int) -> None:
        super().__init__()
        self.branches = nn.ModuleDict({name: Branch(net, name, n) for name, n in dims.items()})
        steps = len(dims) * (net.dense or 2 * net.hidden)
        poolings: dict[str, nn.Module] = {}
        if "mean" in net.pooling:
            poolings["mean"] = MeanPooling()
        if "attention" in net.pooling:
            poolings["attention"] = _attention(net, steps)
        self.poolings = nn.ModuleDict(poolings)
        self.merge = net.merge
        pooled = steps * (len(poolings) if net.merge == "concat" else 1)
        self.norm = BatchNorm1d(pooled)
        self.dropout = Dropout(net.dropout if net.dropout_at == "pooled" else 0.0)
        self.head = nn.Linear(pooled, columns)
        if net.defaults_of == "tensorflow":
            start_as_tensorflow(self)

    def forward(self, inputs: Mapping[str, Padded]) -> Outputs:
        """Logits, [utterances, classes], and what is pooled after BatchNorm, [utterances, dims]."""
        outputs: list[Padded] = [branch(inputs[name]) for name, branch in self.branches.items()]
        steps = outputs[0].keeping(torch.cat([output.values for output in outputs], dim=2))
        parts = [pooling(steps) for pooling in self.poolings.values()]
        pooled = torch.cat(parts, dim=1) if self.merge == "concat" else torch.stack(parts).sum(0)
        representation = self.norm(pooled)
        logits = self.head(self.dropout(representation))
        return {LOGITS: logits, REPRESENTATION: representation}


class Branch(nn.Module):
    """One array through its BiLSTM: [utterances, frames, dims] -> [.., 2 x hidden or dense]."""

    def __init__(self, net: PooledBiLSTMs, name: str, dims: int) -> None:
        super().__init__()
        self.scale = Standardise(name, dims) if net.normalise == "zscore" else nn.Identity()
        self.lstm = (PeepholeBiLSTM if net.peephole else BiLSTM)(dims, net.hidden)
        self.dense = nn.Linear(2 * net.hidden, net.dense) if net.dense else None
        self.activation = ACTIVATIONS[net.activation]()
        self.dropout = Dropout(net.dropout if net.dropout_at == "lstm" else 0.0)

    def forward(self, x: Padded) -> Padded:
        steps: Padded = self.lstm(self.scale(x))
        if self.dense is not None:
            steps = steps.holding(self.activation(self.dense(steps.values)))
        return steps.keeping(self.dropout(steps.values))


def start_as_tensorflow(module: nn.Module) -> None:
    """Weights drawn as TensorFlow 1.4 draws them unless told otherwise, and its BatchNorm.

    Glorot's uniform start of every kernel (an LSTM's being one, of input and state together, with
    the four gates side by side), zero biases, the forget gates' at one; BatchNorm with momentum
    0.99 (0.01 in torch's sense) and epsilon 1e-3.
    """
    for part in module.modules():
        if isinstance(part, nn.Linear):
            nn.init.xavier_uniform_(part.weight)
            if part.bias is not None:
                nn.init.zeros_(part.bias)
        elif isinstance(part, nn.BatchNorm1d):
            part.momentum, part.eps = 0.01, 1e-3
        elif isinstance(part, nn.LSTM):
            _start_lstm(part)
        elif isinstance(part, PeepholeBiLSTM):
            limit = math.sqrt(3 / part.peepholes.shape[-1])  # Glorot's, of a vector
            nn.init.uniform_(part.peepholes, -limit, limit)


def _start_lstm(lstm: nn.LSTM) -> None:
    hidden = lstm.hidden_size
    limit = math.sqrt(6 / (lstm.input_size + hidden + 4 * hidden))
    for name, weight in lstm.named_parameters():
        if name.startswith("weight"):
            nn.init.uniform_(weight, -limit, limit)
        else:
            nn.init.zeros_(weight)
            if name.startswith("bias_ih"):  # of the two vectors that are added up
                nn.init.ones_(weight[hidden : 2 * hidden])  # torch's order: input, forget, ...


def _attention(net: PooledBiLSTMs, dims: int) -> Attention:
    if net.query == "learned":
        return LearnedAttention(dims)
    if net.query == "final":
        return FinalStateAttention(dims, net.hidden)
    return LastStepAttention(dims)
