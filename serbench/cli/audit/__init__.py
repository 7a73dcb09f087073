"""``serbench audit``: whether a comparison tests what it says it tests."""

from serbench.cli.audit.command import EXAMPLES, audit

__all__ = ["EXAMPLES", "audit"]
