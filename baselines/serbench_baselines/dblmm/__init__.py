"""DBL-MM and its halves. See :mod:`serbench_baselines.dblmm.nets`."""

from serbench_baselines.dblmm.nets import DBLMM, BiLSTMLld, BiLSTMLogMel

__all__ = ["DBLMM", "BiLSTMLld", "BiLSTMLogMel"]
