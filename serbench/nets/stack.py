"""The weights of several modules of one shape, and a step of all of them at once.

The modules differ in their numbers alone: all weights stand in one tensor [trainings, weights], all
buffers (BatchNorm's statistics, say) in tensors [trainings, ...]. The forward pass is that of one
module under :func:`torch.vmap`; the losses' sum has each training's own gradient.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.func import functional_call

from serbench.nets.outputs import LOGITS, Outputs, outputs_of, right
from serbench.nets.padded import Padded
from serbench.nets.predicting import evaluating
from serbench.nets.rules import RULES, State, remembers
from serbench.nets.step import Step, under_way

if TYPE_CHECKING:
    from serbench.nets.net import Net

Inputs = Mapping[str, tuple[Tensor, Tensor, Tensor]]  # values, lengths, mask; trainings first


class Stack:
    """Several trainings' weights, optimisers and statistics.

    Parameters
    ----------
    net
        Any of the nets: they differ in nothing that is asked of them here.
    modules
        A module a training, of one shape, where they are to stay.

    Attributes
    ----------
    count
        int64 [trainings, 1]: steps done.
    passes
        What takes the place of :meth:`forward` in steps whose rows are all real: it, compiled.
    """

    def __init__(self, net: Net, modules: Sequence[nn.Module]) -> None:
        self.net = net
        self.optimiser = net.optimiser_of(modules[0].parameters())
        (self.group,) = self.optimiser.param_groups
        self.rule = RULES[type(self.optimiser)]
        self.passes: Callable[..., tuple[Tensor, Tensor]] = self.forward
        self.skeleton = copy.deepcopy(modules[0]).to("meta")
        self.names = [name for name, _ in modules[0].named_parameters()]
        flat = [torch.cat([p.detach().flatten() for p in m.parameters()]) for m in modules]
        self.theta = torch.stack(flat)
        self.leaves = [
            part.unflatten(1, parameter.shape) if parameter.dim() else part[:, 0]
            for part, parameter in zip(
                self.theta.split([p.numel() for p in modules[0].parameters()], dim=1),
                modules[0].parameters(),
                strict=True,
            )
        ]
        for leaf, parameter in zip(self.leaves, modules[0].parameters(), strict=True):
            leaf.requires_grad_(parameter.requires_grad)
        self.buffers = {
            name: torch.stack([dict(module.named_buffers())[name] for module in modules])
            for name, _ in modules[0].named_buffers()
        }
        self.state: State = {
            name: torch.zeros_like(self.theta) for name in remembers(self.optimiser)
        }
        self.count = torch.zeros(len(modules), 1, dtype=torch.int64, device=self.theta.device)
        self._learned: dict[tuple[bool, ...], Tensor] = {}
        # What a net's `adjust` is given: modules whose weights are those of all trainings.
        self.whole = copy.deepcopy(self.skeleton)
        for name, leaf in zip(self.names, self.leaves, strict=True):
            path, _, last = name.rpartition(".")
            setattr(self.whole.get_submodule(path), last, _as_parameter(leaf))

    def step(
        self,
        inputs: Inputs,
        answers: Mapping[str, Tensor],
        keys: Tensor,
        rate: Tensor,
        real: Tensor | None = None,
        active: Tensor | None = None,
        *,
        low: bool = False,
    ) -> tuple[Tensor, Tensor]:
        """One step of each training down its gradient.

        Parameters
        ----------
        inputs, answers
            Trainings first.
        keys
            int64 [trainings]: of the step's random numbers.
        rate
            The learning rate, a single number.
        real
            bool [trainings, rows]: those that count. None: all do.
        active
            bool [trainings]: the others stand still. None: all are.
        low
            Whether the forward pass runs in bfloat16.

        Returns
        -------
        The losses before the step, [trainings], and how many rows were answered right.
        """
        held = {} if active is None else {n: buffer.clone() for n, buffer in self.buffers.items()}
        forward = self.passes if real is None else self.forward  # the shape that most steps have
        losses, hits = forward(inputs, answers, keys, real, low)
        learned = [leaf for leaf in self.leaves if leaf.requires_grad]
        grads = iter(torch.autograd.grad(losses.sum(), learned, allow_unused=True))
        for parameter in self.whole.parameters():
            parameter.grad = next(grads) if parameter.requires_grad else None
        with torch.no_grad():
            self.net.adjust(self.whole, rate)  # type: ignore[arg-type]  # it counts like one
            flat = torch.cat([_flat(p, p.grad) for p in self.whole.parameters()], dim=1)
            self._update(flat, rate, self._moving(active))
            if active is not None:
                for name, before in held.items():
                    moves = active.view(-1, *(1 for _ in before.shape[1:]))
                    self.buffers[name].copy_(torch.where(moves, self.buffers[name], before))
        return losses.detach(), hits

    def _moving(self, active: Tensor | None) -> Tensor | None:
        """Which weights the step changes: bool [trainings or 1, weights or 1]; None: all.

        Like torch's optimisers it leaves alone, and lets decay nothing of, what has no gradient.
        """
        moves = None if active is None else active[:, None]
        learned = tuple(parameter.grad is not None for parameter in self.whole.parameters())
        if all(learned):
            return moves
        if learned not in self._learned:  # made once: nothing is copied to a GPU while it records
            sizes = torch.tensor([parameter[0].numel() for parameter in self.whole.parameters()])
            each = torch.tensor(learned).repeat_interleave(sizes)
            self._learned[learned] = each[None].to(self.theta.device)
        has = self._learned[learned]
        return has if moves is None else moves & has

    def _update(self, grad: Tensor, rate: Tensor, moves: Tensor | None) -> None:
        count = self.count + 1
        number = count.to(self.theta)  # or powers of it would be float32
        theta, state = self.rule(self.theta, grad, self.state, number, rate, self.group)
        if moves is not None:
            theta = torch.where(moves, theta, self.theta)
            state = {n: torch.where(moves, new, self.state[n]) for n, new in state.items()}
            count = torch.where(moves.any(1, keepdim=True), count, self.count)
        self.theta.copy_(theta)  # the leaves are views of it
        self.count.copy_(count)
        for name, new in state.items():
            self.state[name].copy_(new)

    def forward(
        self,
        inputs: Inputs,
        answers: Mapping[str, Tensor],
        keys: Tensor,
        real: Tensor | None,
        low: bool,
    ) -> tuple[Tensor, Tensor]:
        """Each training's loss on its batch, and how many rows are answered right."""

        def one(
            leaves: list[Tensor],
            buffers: dict[str, Tensor],
            inputs: Inputs,
            answers: dict[str, Tensor],
            key: Tensor,
            real: Tensor | None,
        ) -> tuple[Tensor, Tensor]:
            with under_way(Step(key, real, stacked=True)):
                outputs = self._outputs(leaves, buffers, inputs, low=low)
                loss, hits = self._each(outputs, answers)
            if real is None:
                return loss.mean(), hits.sum()
            count = real.sum().clamp(min=1)
            return torch.where(real, loss, 0).sum() / count, (hits * real).sum()

        places = (0, 0, 0, 0, 0, None if real is None else 0)
        losses, hits = torch.vmap(one, in_dims=places)(
            self.leaves, self.buffers, dict(inputs), dict(answers), keys, real
        )
        return losses, hits

    def _each(self, outputs: Outputs, answers: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
        """Of each row what the net's loss is of that row alone, and whether it is right."""
        net, task = self.net, self.net.task_

        def row(outputs: dict[str, Tensor], answers: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
            outputs = {name: tensor[None] for name, tensor in outputs.items()}
            answers = {name: tensor[None] for name, tensor in answers.items()}
            said = net.read(outputs[LOGITS].detach())
            return net.loss(outputs, answers), right(task, said, answers["y"])

        loss, hits = torch.vmap(row)(dict(outputs), dict(answers))
        return loss, hits

    def _outputs(
        self, leaves: Sequence[Tensor], buffers: dict[str, Tensor], inputs: Inputs, *, low: bool
    ) -> Outputs:
        padded = {name: Padded(*parts) for name, parts in inputs.items()}
        weights = dict(zip(self.names, leaves, strict=True))

        def module(inputs: Mapping[str, Padded]) -> Any:
            return functional_call(self.skeleton, {**weights, **buffers}, (inputs,))

        with torch.autocast(self.theta.device.type, dtype=torch.bfloat16, enabled=low):
            return outputs_of(module, padded)

    @torch.no_grad()
    def judge(self, inputs: Inputs) -> Tensor:
        """What each training's module says of its rows: [trainings, rows, columns]."""

        def one(leaves: list[Tensor], buffers: dict[str, Tensor], inputs: Inputs) -> Tensor:
            with under_way(Step(self.count[0, 0], stacked=True)):  # nobody draws
                return self.net.read(self._outputs(leaves, buffers, inputs, low=False)[LOGITS])

        with evaluating(self.skeleton):
            said: Tensor = torch.vmap(one)(self.leaves, self.buffers, dict(inputs))
        return said

    def finite(self) -> Tensor:
        """Which trainings hold nothing but finite numbers: bool [trainings]."""
        whole = self.theta.isfinite().all(1)
        for buffer in self.buffers.values():
            if buffer.is_floating_point():
                whole &= buffer.flatten(1).isfinite().all(1)
        return whole

    def take_out(self, at: int, module: nn.Module) -> torch.optim.Optimizer:
        """Give a module of that shape one training's numbers.

        Returns
        -------
        Its optimiser, as it would stand had that training run alone.
        """
        with torch.no_grad():
            for parameter, leaf in zip(module.parameters(), self.leaves, strict=True):
                parameter.copy_(leaf[at])
            for name, buffer in module.named_buffers():
                buffer.copy_(self.buffers[name][at])
        optimiser = self.net.optimiser_of(module.parameters())
        sizes = [parameter.numel() for parameter in module.parameters()]
        if self.state:
            parts = {name: memory[at].split(sizes) for name, memory in self.state.items()}
            for i, parameter in enumerate(module.parameters()):
                kept = {n: part[i].view_as(parameter).clone() for n, part in parts.items()}
                optimiser.state[parameter] = {**self._counted(at), **kept}
        return optimiser

    def _counted(self, at: int) -> dict[str, Tensor]:
        """The count as torch's optimisers keep it, where they do."""
        is_sgd = isinstance(self.optimiser, torch.optim.SGD)
        return {} if is_sgd else {"step": self.count[at, 0].float().cpu()}

    def put_back(
        self, at: int, module: nn.Module, optimiser: torch.optim.Optimizer, steps: int
    ) -> None:
        """Let one training go on from a module and its optimiser after so many steps."""
        self.count[at] = steps
        with torch.no_grad():
            for parameter, leaf in zip(module.parameters(), self.leaves, strict=True):
                leaf[at].copy_(parameter)
            for name, buffer in module.named_buffers():
                self.buffers[name][at].copy_(buffer)
            for name, memory in self.state.items():
                parts = [
                    optimiser.state.get(p, {}).get(name, torch.zeros_like(p)).flatten()
                    for p in module.parameters()
                ]
                memory[at].copy_(torch.cat(parts))


def _flat(parameter: Tensor, grad: Tensor | None) -> Tensor:
    """[trainings, weights of one parameter], which may be a single number; of none, zeros."""
    grad = torch.zeros_like(parameter) if grad is None else grad
    return grad.flatten(1) if grad.dim() > 1 else grad[:, None]


def _as_parameter(leaf: Tensor) -> nn.Parameter:
    """A parameter on the leaf's own storage."""
    return nn.Parameter(leaf.detach(), requires_grad=leaf.requires_grad)
