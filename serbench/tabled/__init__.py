"""A corpus of one's own from a table: a folder with a ``corpus.toml`` in it, and no code at all.

``serbench corpora new`` drafts the file, ``docs/your-corpus.md`` explains it.
"""

from serbench.tabled.corpus import TabledCorpus
from serbench.tabled.description import described_name
from serbench.tabled.paths import DESCRIPTION

__all__ = ["DESCRIPTION", "TabledCorpus", "described_name"]
