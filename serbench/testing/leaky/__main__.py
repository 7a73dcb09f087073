"""Prints every leak, the rule that is to catch it, and the rules that do."""

from __future__ import annotations

import sys

from serbench.testing.leaky.markdown import table

sys.stdout.write(table())
