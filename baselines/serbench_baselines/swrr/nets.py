"""SWRR: words and sound fused by sliding windows, judged by a classifier of feature maps.

After "SWRR: Feature Map Classifier Based on Sliding Window Attention and High-Response Feature
Reuse for Multimodal Emotion Recognition" (Interspeech 2023). Its authors released no code, so the
net is rebuilt from the text. The layers, for B utterances of at most T = 50 tokens and N = 255
frames (5.1 s)::

    BERT states [B, T, 768]         WavLM states [B, N, 768]        frozen, computed once
          |                                |
          +------ one LSTM for both -------+
    Y [B, T, D]                     X [B, N, D]                     D = 384
          +---------------+----------------+
      sliding-window attention [B, T, D]                            serbench_baselines.swrr.windows
      feature-map classifier, reuse of maps [B, K]                  serbench_baselines.swrr.maps

2,390,138 parameters for four classes, of which 1,772,544 are the LSTM's.

Where the paper is silent, or leaves it to a figure:

* Which WavLM, which BERT, and which layer of them: ``audio_encoder``, ``text_encoder`` (the base
  models have its 768 dims), ``audio_layer``, ``text_layer`` (the last).
* One direction of the LSTM or two: ``direction``. It says "LSTM", hence one. One layer.
* Padding at the end is what it describes, to N = 255 and T = 50; whether it is masked is not:
  ``padding``, counted, which is its fixed sizes and 50 windows taken by the letter. The windows
  move on with tokens, so were padding masked, the n tokens of an utterance would reach its first
  5n + 5 frames and no more: with 14 tokens 75 of 255, and most of the sound would never be heard.
  As it is, the windows of padding hear the rest; all utterances cost as much as the longest.
* Window w_X of the fusion: its N, T and step h_X = 5 allow 6 to 10 frames, and 10 are exactly 50
  windows. Heads and width of the attention: ``heads``, ``attention_dims``, one as wide as D.
* Kernels and channels of the convolutions: ``kernel``, ``channels``, ``layers``. Choices about the
  reuse of maps stand in :mod:`serbench_baselines.swrr.maps`.
* Batch, dropout, weight decay: settings, 32 and none. The last epoch is ranked.
* How seven classes of sentiment become a number, or a number seven classes: ``head``.
* What is classified where a modality is left out: see :class:`SWRRNoAudio`, :class:`SWRRNoText`.

Its Table 2 holds its own accuracy of negative against positive (84.8) against those of MISA (83.6),
Self-MM (82.8) and TETFN (84.3) of negative against not negative; the former of these three are
85.5, 85.17 and 85.18. :mod:`serbench.sentiment` gives both.

Where the encoders differ in width, a linear layer brings the words to the sound's, so that one LSTM
reads both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from serbench.data import Utterances
from serbench.errors import UsageError
from serbench_baselines.swrr.branches import Branch, Sound, Words
from serbench_baselines.swrr.module import ATTENTION
from serbench_baselines.swrr.net import FeatureMapNet, dims_of
from serbench_baselines.swrr.windows import CrossAttention, SlidingWindowAttention, Windows


@dataclass(kw_only=True, eq=False)
class SWRR(Sound, Words, FeatureMapNet):
    """SWRR (Interspeech 2023), rebuilt from its text.

    Further parameters are those of :class:`FeatureMapNet`, :class:`Words` and :class:`Sound`.

    Parameters
    ----------
    window, hop
        w_X and h_X, frames: the window of token i starts at frame i * hop. window=0: every token
        attends to all frames, and a hop is refused.
    attention_dims
        Width of queries, keys and values, all heads together; 0: D.
    heads
        Divides it.
    """

    window: int = 10
    hop: int = 5
    attention_dims: int = 0
    heads: int = 1

    fixed: ClassVar[tuple[str, ...]] = ()  # settings that make an ablation what its name says

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in self.fixed:
            value, own = getattr(self, name), getattr(type(self), name)
            if value != own:
                raise UsageError(
                    f"{name}={value} for {type(self).__name__}",
                    expected=f"{name}={own}, which is what this model is there for",
                    advice=f"the model swrr with --set {name}={value}",
                )
        if self.window:
            self.windows  # noqa: B018  refuses what cannot be
        elif self.hop != type(self).hop:
            raise UsageError(
                f"hop={self.hop} with window=0",
                expected="no hop, since every token attends to all frames",
                advice="leave the hop out, or set a window of 1 or more",
            )
        if self.attention_dims < 0 or self.heads < 1 or self.width % self.heads:
            raise UsageError(
                f"heads={self.heads}, attention_dims={self.attention_dims}: a width of "
                f"{self.width}",
                expected="a number of heads that divides the width",
            )

    @staticmethod
    def identify(settings: Mapping[str, Any]) -> dict[str, Any]:
        """As :meth:`FeatureMapNet.identify`, with the width of the attention in numbers."""
        stand = FeatureMapNet.identify(settings)
        width = settings["attention_dims"] or dims_of(settings["hidden"], settings["direction"])
        return {**stand, "attention_dims": width}

    @property
    def branches(self) -> Mapping[str, Branch]:
        return {"audio": self.sound, "text": self.words}

    @property
    def windows(self) -> Windows:
        """Which frames each token sees."""
        return Windows(self.tokens, self.frames, self.window, self.hop)

    @property
    def width(self) -> int:
        """Of queries, keys and values."""
        return self.attention_dims or self.dims

    def fusion(self) -> CrossAttention:
        if not self.window:
            return CrossAttention(self.dims, self.width, self.heads)
        return SlidingWindowAttention(self.dims, self.width, self.heads, self.windows)

    def attention(self, test: Utterances) -> NDArray[np.float32]:
        """How each token listened: float32 [utterances, tokens, frames].

        The heat map of the paper's Fig. 3, averaged over heads. Rows sum to one and are zero
        outside of the token's window. Those of padding are like any other, and zero under
        ``padding="masked"``.

        Raises
        ------
        ModelError
            If it is not trained.
        """
        return self.observe(test, ATTENTION)


@dataclass(kw_only=True, eq=False)
class SWRRNoAudio(Words, FeatureMapNet):
    """SWRR that reads words alone ("w/o audio" of the paper's Table 3).

    With nothing to attend to, Eq. 7 leaves LayerNorm(y_i): the LSTM's normalised outputs are what
    is classified, [tokens, D]. The paper does not say. Parameters are those of
    :class:`FeatureMapNet` and :class:`Words`.
    """

    @property
    def branches(self) -> Mapping[str, Branch]:
        return {"text": self.words}


@dataclass(kw_only=True, eq=False)
class SWRRNoText(Sound, FeatureMapNet):
    """SWRR that reads sound alone ("w/o text" of the paper's Table 3).

    Without tokens nobody asks, and there is no window: the LSTM's normalised outputs are what is
    classified, [frames, D]. The paper does not say. Parameters are those of :class:`FeatureMapNet`
    and :class:`Sound`.
    """

    @property
    def branches(self) -> Mapping[str, Branch]:
        return {"audio": self.sound}


@dataclass(kw_only=True, eq=False)
class SWRRFullSize(SWRR):
    """SWRR whose tokens attend to all frames ("SliWa (full-size)" of the paper's Table 3)."""

    window: int = 0

    fixed: ClassVar[tuple[str, ...]] = ("window",)


@dataclass(kw_only=True, eq=False)
class SWRRWindow50(SWRR):
    """SWRR with windows of 50 frames ("SliWa (w_X=50)" of the paper's Table 3).

    255 frames hold 42 such windows at its step of 5, and there are 50 tokens. Here the frames are
    padded to the 295 that 50 windows take, and what lies past the 255, which no LSTM has read, is
    masked: the last windows are shorter. The other readings are 42 tokens alone, or another step,
    of which none gives 50 (4 gives 52).
    """

    window: int = 50

    fixed: ClassVar[tuple[str, ...]] = ("window",)


@dataclass(kw_only=True, eq=False)
class SWRRNoReuse(SWRR):
    """SWRR without reuse of maps ("w/o HRFR" of the paper's Table 3)."""

    reuse: str = "none"

    fixed: ClassVar[tuple[str, ...]] = ("reuse",)


@dataclass(kw_only=True, eq=False)
class SWRRUniGlobal(SWRR):
    """SWRR that picks the map to reuse by alpha ("HRFR (uni-global)" of the paper's Table 3)."""

    reuse: str = "global"

    fixed: ClassVar[tuple[str, ...]] = ("reuse",)


@dataclass(kw_only=True, eq=False)
class SWRRUniLocal(SWRR):
    """SWRR that picks the map to reuse by beta ("HRFR (uni-local)" of the paper's Table 3)."""

    reuse: str = "local"

    fixed: ClassVar[tuple[str, ...]] = ("reuse",)


@dataclass(kw_only=True, eq=False)
class SWRRLinear(SWRR):
    """SWRR with a linear layer in the place of the class maps ("Linear" of the paper's Table 3).

    It looks at all values of the last layer's maps; the reuse of maps stays.
    """

    classifier: str = "linear"

    fixed: ClassVar[tuple[str, ...]] = ("classifier",)
