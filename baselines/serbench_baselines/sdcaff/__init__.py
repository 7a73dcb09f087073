"""SD-CAFF and its baselines. See :mod:`serbench_baselines.sdcaff.nets`."""

from serbench_baselines.sdcaff.nets import (
    SDCAFF,
    SELECTIONS,
    SDCAFFCnn,
    SDCAFFConcat,
    SDCAFFLstm,
)

__all__ = ["SDCAFF", "SELECTIONS", "SDCAFFCnn", "SDCAFFConcat", "SDCAFFLstm"]
