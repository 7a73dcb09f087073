"""For tests, of serbench and of whatever plugs into it: forged corpora and contract checks."""

from serbench.testing.corpora import check_corpus
from serbench.testing.forge import Forgeable, forge_corpus
from serbench.testing.models import check_model

__all__ = ["Forgeable", "check_corpus", "check_model", "forge_corpus"]
