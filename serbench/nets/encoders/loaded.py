"""An encoder in memory: loaded once in a process, with nothing invented and nothing said.

transformers fills weights that a file lacks with random numbers and goes on with a warning. Here
that is an error, as is whatever else would make features of something other than the files whose
digest stands in the key: an adapter from elsewhere, code from the hub, weights of more layers than
the configuration has.
"""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from serbench.errors import EncoderError, few
from serbench.features.recipe import library
from serbench.nets.encoders.files import CONFIG, FETCH_AGAIN, read_json, weight_files
from serbench.nets.encoders.located import LocatedEncoder, located
from serbench.nets.encoders.silent import missing, silent

if TYPE_CHECKING:
    import torch
    from torch import Tensor

DEVICE = "SERBENCH_ENCODER_DEVICE"  # cpu (unless set), cuda, cuda:1, mps, auto
KEPT = 4  # encoders in memory: those that several models ask of one utterance
_ADAPTER = "adapter_config.json"
# Weights that no hidden state passes: what stands above the last one, and what training masks with.
_UNUSED = re.compile(r"(^|\.)(pooler\.|masked_spec_embed$)")


@dataclass(frozen=True, eq=False)
class LoadedEncoder:
    """A transformer in evaluation mode, and what prepares its input."""

    located: LocatedEncoder
    model: Any  # transformers.PreTrainedModel, float32
    prepare: Any  # its feature extractor or tokenizer
    device: torch.device

    def hidden_states(self, **inputs: Any) -> list[Tensor]:
        """Every hidden state, float32 [utterances, frames or tokens, dims], on the device.

        One thread, float32 products in float32: the same on the same machine, whatever else it
        computes meanwhile.

        Parameters
        ----------
        inputs
            Arrays [utterances, length] by the names of the model's arguments.

        Raises
        ------
        EncoderError
            If the model gives no hidden state for each of its layers.
        """
        import torch

        from serbench.nets.numerics import repeatable
        from serbench.nets.one_thread import one_thread

        tensors = {name: torch.tensor(array).to(self.device) for name, array in inputs.items()}
        with silent(), one_thread(), repeatable(exact=True), torch.inference_mode():
            states = self.model(**tensors, output_hidden_states=True).hidden_states
        if states is None or len(states) != self.located.layers + 1:
            raise EncoderError(
                f"the {self.located.model_type!r} in {self.located.folder} gives "
                f"{0 if states is None else len(states)} hidden states",
                expected=f"{self.located.layers + 1}: one for each layer and what enters the first",
            )
        return list(states)


def loaded(folder: str, weights: str, device: str) -> LoadedEncoder:
    """The encoder in a folder, kept in memory for the next utterance.

    Parameters
    ----------
    folder, weights
        Where it is, and the digest that its files must have.
    device
        "cpu", "cuda", "cuda:1", or "auto".

    Raises
    ------
    EncoderError
        If the files are not those of the digest, are not whole, or do not fit together.
    MissingExtra
        If transformers is not installed.
    UsageError
        If there is no such device.
    """
    return _loaded(folder, weights, device)


def extractor(*packages: str) -> str:
    """Names and versions of what computes a feature: "transformers 5.23.0".

    Raises
    ------
    MissingExtra
        If one is not installed.
    """
    try:
        return ", ".join(library(package) for package in packages)
    except ModuleNotFoundError as error:
        raise missing(packages[0]) from error


def is_shared(device: str) -> bool:
    """Whether workers would crowd that device: every one but the CPU.

    Raises
    ------
    UsageError
        If there is no such device.
    """
    if device == "cpu":  # without loading torch
        return False
    from serbench.nets.device import resolve

    return resolve(device).type != "cpu"


def chosen_device() -> str:
    """What encoders run on: ``$SERBENCH_ENCODER_DEVICE``, else the CPU."""
    return os.environ.get(DEVICE) or "cpu"


@functools.lru_cache(maxsize=KEPT)
def _loaded(folder: str, weights: str, device: str) -> LoadedEncoder:
    found = located(folder)
    if found.weights != weights:
        raise EncoderError(
            f"the encoder in {folder} has changed: its digest is {found.weights[:16]}",
            expected=weights[:16],
            advice="run the command again, so that it is planned anew",
        )
    _refuse_what_the_digest_does_not_cover(Path(folder))
    with silent():
        from serbench.nets.device import resolve

        where = resolve(device)
        prepare = _read("what prepares its input", found, _preparation)
        model, told = _read("its weights", found, _model)
    _check_weights(found, told, model)
    name = "input_values" if found.reads == "audio" else "input_ids"
    if model.main_input_name != name:
        raise EncoderError(
            f"the {found.model_type!r} in {folder} is given {model.main_input_name!r}",
            expected=f"a model that is given {name!r}",
        )
    return LoadedEncoder(found, model.to(where), prepare, where)


def _read(what: str, found: LocatedEncoder, read: Any) -> Any:
    """Whatever transformers makes of a folder; its many kinds of refusal as one."""
    try:
        return read(found)
    except MemoryError:
        raise
    except Exception as error:
        reason = " ".join(str(error).split())[:200]
        lacking = isinstance(error, ImportError)  # a package that this tokenizer wants
        raise EncoderError(
            f"the {found.model_type!r} in {found.folder} cannot be loaded: {what} cannot be read "
            f"({type(error).__name__}: {reason})",
            expected="a folder as transformers' save_pretrained writes it",
            advice="install what it names" if lacking else FETCH_AGAIN,
        ) from error


def _preparation(found: LocatedEncoder) -> Any:
    from transformers import AutoFeatureExtractor, AutoTokenizer

    make: Any = AutoFeatureExtractor if found.reads == "audio" else AutoTokenizer
    return make.from_pretrained(found.folder, trust_remote_code=False, local_files_only=True)


def _model(found: LocatedEncoder) -> Any:
    import torch
    from transformers import AutoModel

    safe = weight_files(Path(found.folder))[0].startswith("model.")
    return AutoModel.from_pretrained(
        found.folder,
        trust_remote_code=False,
        local_files_only=True,
        use_safetensors=safe,
        weights_only=True,  # a .bin is a pickle: read without running what it asks for
        dtype=torch.float32,  # not as stored: half precision is for training and large machines
        attn_implementation="eager",  # the only one that all have, and no kernel chosen by shape
        ignore_mismatched_sizes=True,  # told below, and refused with their names
        output_loading_info=True,
    )


def _check_weights(found: LocatedEncoder, told: dict[str, Any], model: Any) -> None:
    """Refuse a model that is not wholly made of its file.

    Raises
    ------
    EncoderError
        If the file lacks weights, has some of another shape, or has further layers.
    """
    missing = sorted(name for name in told["missing_keys"] if not _UNUSED.search(name))
    mismatched = sorted(str(name) for name, *_ in told["mismatched_keys"])
    own = {_pattern(name) for name in model.state_dict()}
    prefix = f"{model.base_model_prefix}."
    further = sorted(
        name
        for name in told["unexpected_keys"]
        if _pattern(name.removeprefix(prefix)) in own and _pattern(name) != name
    )
    for what, names in (
        ("lack some that its config.json asks for", missing),
        ("are of other shapes than its config.json gives", mismatched),
        ("have more layers than its config.json", further),
    ):
        if names:
            raise EncoderError(
                f"the weights in {found.folder} {what}: {few(names)}",
                expected=f"the weights of a {found.model_type!r} with {found.layers} layers of "
                f"{found.dims}",
                advice=FETCH_AGAIN,
            )


def _pattern(name: str) -> str:
    """A weight's name with stars for the numbers of layers."""
    return re.sub(r"(?<=\.)\d+(?=\.)", "*", name)


def _refuse_what_the_digest_does_not_cover(folder: Path) -> None:
    if (folder / _ADAPTER).exists():
        raise EncoderError(
            f"{folder} holds an adapter ({_ADAPTER}), whose model may be elsewhere",
            expected="the whole model's weights",
            advice="merge the adapter into the model, and save that (peft: merge_and_unload)",
        )
    if named := _named_elsewhere(read_json(folder / CONFIG)):
        raise EncoderError(
            f"{folder / CONFIG} sets {', '.join(named)}", expected="a plain model in full precision"
        )


def _named_elsewhere(config: dict[str, Any]) -> Iterable[str]:
    return [name for name in ("transformers_weights", "quantization_config") if config.get(name)]
