from __future__ import annotations

from dataclasses import dataclass

import pytest

from serbench.errors import UsageError
from serbench.nets.net import Net
from serbench_baselines.idle import refuse_idle


@dataclass(kw_only=True, eq=False)
class Told(Net):
    width: int = 8
    deep: bool = False
    dropout: float = 0.0

    recipes = ()

    def build(self, task):
        raise NotImplementedError


@dataclass(kw_only=True, eq=False)
class Wider(Told):
    width: int = 16


def test_what_changes_nothing_is_refused():
    with pytest.raises(UsageError, match="width=9 changes nothing beside deep=False") as error:
        refuse_idle(Told(width=9), "width", deep=False)
    assert error.value.expected == "width left at its default, 8"
    with pytest.raises(UsageError, match="beside deep=False, dropout=0"):
        refuse_idle(Told(width=9), "width", deep=False, dropout=0)


def test_what_is_read_or_left_alone_is_taken():
    refuse_idle(Told(width=9, deep=True), "width", deep=False)
    refuse_idle(Told(width=9, dropout=0.1), "width", deep=False, dropout=0)
    refuse_idle(Told(width=8), "width", deep=False)


def test_the_default_is_the_nets_own():
    refuse_idle(Wider(), "width", deep=False)
    with pytest.raises(UsageError, match="width=8"):
        refuse_idle(Wider(width=8), "width", deep=False)
