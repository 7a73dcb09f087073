"""For tests, of serbench and of whatever plugs into it: forged corpora and contract checks."""

from serbench.testing.corpora import check_corpus
from serbench.testing.forge import forge_corpus
from serbench.testing.forgery import Forgeable, Forged, Forgery, Written
from serbench.testing.models import check_model

__all__ = [
    "Forgeable",
    "Forged",
    "Forgery",
    "Written",
    "check_corpus",
    "check_model",
    "forge_corpus",
]
