"""``serbench status``: what of a results folder is done, running, failed and missing."""

from serbench.cli.status.command import EXAMPLES, status

__all__ = ["EXAMPLES", "status"]
