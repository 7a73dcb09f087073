"""Eight ways to a better number, each with the rule that catches it.

Four are models, two are folds, two are numbers as they are reported. They ship so that an audit can
be seen to work: each must be caught by its own rule and by no other, and what it would be without
its fault must raise nothing. ``python -m serbench.testing.leaky`` prints them as a table.
"""

from serbench.testing.leaky.table import LEAKS, Leak

__all__ = ["LEAKS", "Leak"]
