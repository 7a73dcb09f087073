"""What is wanted of transformers: that it is installed, and that it is silent.

Of its warnings and progress bars, what matters is an error here.
"""

from __future__ import annotations

import contextlib
import logging
import warnings
from collections.abc import Iterator

from serbench.errors import MissingExtra


def missing(package: str) -> MissingExtra:
    """What to raise where a package is not installed."""
    return MissingExtra(package, "hf", "a pretrained encoder")


@contextlib.contextmanager
def silent() -> Iterator[None]:
    """Nothing is said for a while; how talkative transformers was is put back after.

    Raises
    ------
    MissingExtra
        If transformers is not installed.
    """
    try:
        from huggingface_hub.utils.tqdm import are_progress_bars_disabled, disable_progress_bars
        from transformers.utils import logging as talk
    except ImportError as error:
        raise missing("transformers") from error
    level, bars = talk.get_verbosity(), talk.is_progress_bar_enabled()
    no_bars_of_the_hub = are_progress_bars_disabled()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        talk.set_verbosity(logging.CRITICAL)
        talk.disable_progress_bar()
        try:
            yield
        finally:
            talk.set_verbosity(level)
            if bars:  # which enables the hub's too
                talk.enable_progress_bar()
            if bars and no_bars_of_the_hub:
                disable_progress_bars()
