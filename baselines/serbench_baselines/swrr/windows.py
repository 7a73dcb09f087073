"""SWRR's fusion of words and sound: each token attends to the frames of its own window.

The SWRR paper's Eq. 1-7. With tokens Y [T, D] and frames X [N, D], a window of w_X = 10 frames that
moves on by h_X = 5 a token (w_Y = h_Y = 1), and X_i the window of token i::

    q_i = y_i W_q          k_i, v_i = X_i W_k, X_i W_v          no biases
    a_i = softmax(q_i k_i' / sqrt(d))                           one weight a frame of the window
    z_i = LayerNorm(y_i + (a_i v_i) W_z)

The paper prints Eq. 4 for one modality only; keys and values are both taken from X_i, as its text
has it. With several heads, d is the width of one.

Where frames are masked and none of a window is real, because the sound ended before, the weights
are spread evenly over it and what they gather is zero: z_i = LayerNorm(y_i).
Frames past the end of X belong to no window: the last ones of a wide window are shorter.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from serbench.errors import UsageError
from serbench.nets.numerics import at_least_single
from serbench.nets.padded import Padded


@dataclass(frozen=True)
class Windows:
    """Which frames each token sees: token i those from ``i * hop`` to below ``i * hop + window``.

    Raises
    ------
    UsageError
        If there are more whole windows than tokens, so that sound would go unheard, or if the last
        token's window would hold no frame.
    """

    tokens: int
    frames: int
    window: int
    hop: int

    def __post_init__(self) -> None:
        sizes = f"window={self.window}, hop={self.hop}, frames={self.frames}, tokens={self.tokens}"
        if min(self.tokens, self.frames, self.window, self.hop) < 1:
            raise UsageError(sizes, expected="1 or more of each")
        if self.whole > self.tokens:
            raise UsageError(
                f"{sizes}: {self.whole} windows",
                expected=f"at most one a token, {self.tokens}",
                advice="raise the window or the hop",
            )
        if self.starts >= self.frames:
            raise UsageError(
                f"{sizes}: the last token's window starts at frame {self.starts}",
                expected=f"a start below {self.frames}",
                advice="lower the hop",
            )

    @property
    def whole(self) -> int:
        """Windows that lie within the frames as a whole: 50 for 10 of 255, 42 for 50 of 255."""
        return max(0, (self.frames - self.window) // self.hop + 1)

    @property
    def starts(self) -> int:
        """Where the last token's window starts."""
        return (self.tokens - 1) * self.hop

    def inside(self) -> Tensor:
        """Whether a frame is in a token's window: bool [tokens, frames]."""
        places = torch.arange(self.frames) - self.hop * torch.arange(self.tokens)[:, None]
        return (places >= 0) & (places < self.window)


class CrossAttention(nn.Module):
    """Every token attends to every frame: the paper's "full-size" row.

    Parameters
    ----------
    dims
        D, of tokens, frames and result.
    width
        Of queries, keys and values, all heads together.
    heads
        A divisor of ``width``.
    """

    def __init__(self, dims: int, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.scale = (width // heads) ** -0.5
        self.query, self.key, self.value = (nn.Linear(dims, width, bias=False) for _ in range(3))
        self.back = nn.Linear(width, dims, bias=False)
        self.norm = nn.LayerNorm(dims)

    def forward(self, text: Padded, sound: Padded) -> tuple[Padded, Tensor]:
        """Tokens that have heard: [utterances, tokens, D], and how they listened.

        The latter is [utterances, tokens, frames], averaged over heads; rows of real tokens sum to
        one. It is a picture, out of which no gradient flows.
        """
        query, key, value = (
            part(x.values).unflatten(2, (self.heads, -1))
            for part, x in ((self.query, text), (self.key, sound), (self.value, sound))
        )
        scores = torch.einsum("bthe,bnhe->bhtn", query * self.scale, key)
        weights = shares(scores, sound.mask[:, None, None], self.within(sound))
        heard = torch.einsum("bhtn,bnhe->bthe", weights.to(value), value)
        fused = text.holding(self.norm(text.values + self.back(heard.flatten(2))))
        return fused, text.holding(weights.detach().mean(1)).values

    def within(self, sound: Padded) -> Tensor:
        """Which frames a token may listen to: bool, broadcast to [tokens, frames]."""
        return torch.ones_like(sound.mask[0])


class SlidingWindowAttention(CrossAttention):
    """Each token attends to the frames of its own window (SliWa).

    All tokens meet all frames, and those outside of the window weigh nothing: one product of
    matrices, which is quicker than to copy windows that overlap.

    Parameters
    ----------
    windows
        Which they are. Tokens and frames must be given in full, ``windows.tokens`` and
        ``windows.frames`` of them.
    """

    inside: Tensor

    def __init__(self, dims: int, width: int, heads: int, windows: Windows) -> None:
        super().__init__(dims, width, heads)
        self.register_buffer("inside", windows.inside(), persistent=False)

    def within(self, sound: Padded) -> Tensor:
        """As in :class:`CrossAttention`."""
        return self.inside


def shares(scores: Tensor, real: Tensor, within: Tensor) -> Tensor:
    """Softmax over the last axis, of real frames alone where there is one.

    Parameters
    ----------
    scores
        [..., frames].
    real
        bool, broadcast to it: frames that were heard.
    within
        bool, broadcast to it: frames that exist at all; at least one in each row.

    Returns
    -------
    float32 [..., frames]; rows sum to one.
    """
    heard = real & within
    counted = heard | (within & ~heard.any(-1, keepdim=True))
    return at_least_single(scores).masked_fill(~counted, -torch.inf).softmax(-1)
