"""The rules, in order. A rule that cannot be checked is said to be unchecked, never kept."""

from __future__ import annotations

from serbench.audit.behaviour import L09, L10, L20, L21, L22
from serbench.audit.classes import L15, L16
from serbench.audit.coverage import L14
from serbench.audit.pretraining import L17
from serbench.audit.printed import L12, L24
from serbench.audit.recordings import L03, L07, L08
from serbench.audit.rule import Rule
from serbench.audit.selection import L11, L13, L23
from serbench.audit.shortcuts import L18, L19
from serbench.audit.sounds import L05, L06
from serbench.audit.speakers import L01, L02
from serbench.audit.texts import L04

RULES: tuple[Rule, ...] = (
    L01, L02, L03, L04, L05, L06, L07, L08, L09, L10, L11, L12,
    L13, L14, L15, L16, L17, L18, L19, L20, L21, L22, L23, L24,
)  # fmt: skip
TITLES = {rule.id: rule.title for rule in RULES}
