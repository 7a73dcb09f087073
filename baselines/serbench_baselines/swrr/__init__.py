"""SWRR and its ablations. See :mod:`serbench_baselines.swrr.nets`."""

from serbench_baselines.swrr.nets import (
    SWRR,
    SWRRFullSize,
    SWRRLinear,
    SWRRNoAudio,
    SWRRNoReuse,
    SWRRNoText,
    SWRRUniGlobal,
    SWRRUniLocal,
    SWRRWindow50,
)

__all__ = [
    "SWRR",
    "SWRRFullSize",
    "SWRRLinear",
    "SWRRNoAudio",
    "SWRRNoReuse",
    "SWRRNoText",
    "SWRRUniGlobal",
    "SWRRUniLocal",
    "SWRRWindow50",
]
