"""The rungs of trust that a row can reach, from the lowest to the highest."""

from __future__ import annotations

from enum import StrEnum


class Rung(StrEnum):
    """How far a row was followed.

    ``CLAIMED``: scores are stated, and something in what should bear them out is missing or does
    not hold. ``RECOMPUTED``: every check passed, and every score computed again from the
    predictions is the one that is claimed. ``RERUN``: trainings that the submitter could not choose
    were done again, too, and gave the same answers.
    """

    CLAIMED = "claimed"
    RECOMPUTED = "recomputed"
    RERUN = "re-run"
