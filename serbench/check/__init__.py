"""A folder held against the release that it is a copy of, file by file.

Every file of the release is intact, a lossless copy, altered, damaged or missing; every other sound
in the folder is surplus, repeated or unclaimed; and what the release is known to have wrong with it
is told from what went wrong since. Where no checksums are known, names and counts are all that is
compared, and the report says so.
"""

from serbench.check.folder import check_folder
from serbench.check.known_sounds import KnownSounds
from serbench.check.report import FileState, KnownDefect, Report
from serbench.reconcile import shared_sounds

__all__ = ["FileState", "KnownDefect", "KnownSounds", "Report", "check_folder", "shared_sounds"]
