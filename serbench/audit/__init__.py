"""The audit: whether a comparison tests what it says it tests.

A :class:`Case` holds folds, what is claimed of them, and what was gathered to judge them by. The
:func:`audit` holds it against 24 rules (:mod:`serbench.audit.rules`) and gives a :class:`Verdict`:
what was found, what could not be looked at, and the badges that a result wears.
"""

from serbench.audit.auditing import audit
from serbench.audit.case import Case, Declared
from serbench.audit.finding import Finding
from serbench.audit.verdict import Verdict

__all__ = ["Case", "Declared", "Finding", "Verdict", "audit"]
