"""What a net promises beside every model's contract: its size, its file, any device and company."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from torch import Tensor

from serbench.data import LabelledUtterances, Utterances
from serbench.errors import ModelError
from serbench.nets import training
from serbench.nets.net import Net
from serbench.nets.outputs import LOGITS, REPRESENTATION, Outputs
from serbench.nets.predicting import judge
from serbench.nets.shelf import Shelf
from serbench.nets.size import size_of
from serbench.session import Session
from serbench.testing.stacking import check_stacking
from serbench.testing.subject import EVERYONE, TASK, Subject

DEVICES_ALIKE = 1e-4  # probabilities in float32 on a CPU and a GPU, which add in other orders


@dataclass(frozen=True)
class ExaminedNet:
    """A trained net under examination."""

    net: Net
    seed: int  # that it was trained with

    def represents(self, subject: Subject) -> bool:
        """Whether its module returns a "representation"."""
        net, test = self.net, subject.utterances(self.net, EVERYONE[:1])
        names: list[str] = []

        def read(outputs: Outputs) -> Tensor:
            names.extend(outputs)
            return outputs[LOGITS]

        judge(net.module_, Shelf.of([net.arrays(test, 0)]).on(net.device_), batch=1, read=read)
        return REPRESENTATION in names

    def check(self, subject: Subject) -> None:
        """Hold it to what a net promises.

        Raises
        ------
        ModelError
            For the first promise that is broken.
        """
        self._check_settings(subject)
        self._check_size()
        self._check_probes(subject)
        with tempfile.TemporaryDirectory() as folder:
            self._check_file(subject, Path(folder, "net.safetensors"))
        check_stacking(subject.factory, subject.values)

    def _check_settings(self, subject: Subject) -> None:
        for name, given in subject.values.items():
            kept = getattr(self.net, name, None)
            if not hasattr(self.net, name) or kept != given:
                raise ModelError(
                    f"the net keeps {kept!r} as {name!r}, and was given {given!r}",
                    expected="a constructor that stores its parameters and does nothing else",
                    advice="compute what follows from a setting in `build`, or in a property",
                )

    def _check_probes(self, subject: Subject) -> None:
        """In a trial the test set is probed after each epoch, and must leave no trace."""

        def fit(net: Net, train: LabelledUtterances, target: Utterances | None, seed: int) -> Net:
            probes = {"test": subject.utterances(net, EVERYONE)}
            session = Session(probes=probes, target=target)
            training.train(net, train, seed=seed, session=session)
            return net

        own = "fit_adapted" if self.net.adapts else "fit"
        if getattr(type(self.net), own) is not getattr(Net, own):  # no training of the harness's
            return
        probed = subject.train(self.seed, fit)
        if not np.array_equal(subject.predicted(self.net), subject.predicted(probed)):
            raise ModelError(
                "trained while a test set was probed after each epoch, the net predicts otherwise",
                expected="equal probabilities, to the last bit",
                advice="keep nothing of what `arrays` or `forward` saw; what is fitted belongs "
                "into `prepare`, and buffers that move into training mode alone",
            )

    def _check_size(self) -> None:
        told = self.net.parameters_for(TASK)
        count = size_of(self.net.module_)
        if told != count:
            raise ModelError(
                f"parameters_for says {told}, and the trained module has {count} parameters",
                expected="the same number",
                advice="create all layers in `build`, from the settings and the task alone",
            )

    def _check_file(self, subject: Subject, path: Path) -> None:
        said = subject.predicted(self.net)
        self.net.save(path)
        loaded = type(self.net).load(path, device=str(self.net.device_))
        again = subject.predicted(loaded)
        if not np.array_equal(said, again):
            far = np.abs(said - again).max()
            raise ModelError(
                f"saved and loaded, the net predicts otherwise (by {far:.2g})",
                expected="equal probabilities, to the last bit",
                advice="register what is fitted in training as a parameter or a buffer of the "
                "module (register_buffer), so that it is saved with the weights",
            )
        if self.net.device_.type != "cpu":
            far = np.abs(said - subject.predicted(type(self.net).load(path, device="cpu"))).max()
            if far > DEVICES_ALIKE:
                raise ModelError(
                    f"the CPU and {self.net.device_} predict otherwise (by {far:.2g})",
                    expected=f"alike within {DEVICES_ALIKE:g}",
                    advice="use the masks and lengths of serbench.nets.padded.Padded, and compute "
                    "the same on every device",
                )
