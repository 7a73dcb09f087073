"""Campaigns: many random mishaps, counted. What each tried, lost and overlooked is printed last."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

TALLIES = pytest.StashKey["dict[str, Tally]"]()


@dataclass
class Tally:
    """What became of one campaign.

    Parameters
    ----------
    tried
        Mishaps.
    lost
        Finished work that was gone, or another, afterwards.
    undetected
        Alterations that nobody found.
    """

    tried: int = 0
    lost: int = 0
    undetected: int = 0


def pytest_configure(config: pytest.Config) -> None:
    config.stash[TALLIES] = {}


@pytest.fixture
def tally(request: pytest.FixtureRequest) -> Callable[[str], Tally]:
    """``tally("kill -9")``: the counts of a campaign, shared by all tests that name it."""
    every = request.config.stash[TALLIES]
    return lambda name: every.setdefault(name, Tally())


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    found = config.stash[TALLIES]
    if found:
        terminalreporter.section("campaigns")
        terminalreporter.write_line(f"{'':40} tried   lost  undetected")
        for name, one in sorted(found.items()):
            counts = f"{one.tried:5}  {one.lost:5}  {one.undetected:10}"
            terminalreporter.write_line(f"{name:40} {counts}")
