"""What is known of encoders by their names on the hub: training data, and width.

Whoever evaluates on a corpus that an encoder was trained on measures memory too, so what an
encoder's authors say of its training is shown beside its results.
"""

from __future__ import annotations

import re
from pathlib import Path

_WAVLM = ("Libri-Light", "GigaSpeech", "VoxPopuli")
_ROBUST = ("Libri-Light", "Common Voice", "Switchboard", "Fisher")
_XLSR = ("Multilingual LibriSpeech", "Common Voice", "BABEL")
_XLS_R = ("VoxPopuli", "Multilingual LibriSpeech", "Common Voice", "VoxLingua107", "BABEL")
_BERT = ("BooksCorpus", "English Wikipedia")
_ROBERTA = (*_BERT, "CC-News", "OpenWebText", "Stories")

# Hub id to the corpora that its model card and paper name, those of fine-tuning among them.
PRETRAINED_ON: dict[str, tuple[str, ...]] = {
    # Chen et al., "WavLM", IEEE JSTSP 16(6), 2022, and the model cards.
    "microsoft/wavlm-base": ("LibriSpeech",),
    "microsoft/wavlm-base-plus": _WAVLM,
    "microsoft/wavlm-large": _WAVLM,
    # Hsu et al., "HuBERT", IEEE/ACM TASLP 29, 2021.
    "facebook/hubert-base-ls960": ("LibriSpeech",),
    "facebook/hubert-large-ll60k": ("Libri-Light",),
    "facebook/hubert-large-ls960-ft": ("Libri-Light", "LibriSpeech"),
    "facebook/hubert-xlarge-ll60k": ("Libri-Light",),
    # Baevski et al., "wav2vec 2.0", NeurIPS 2020.
    "facebook/wav2vec2-base": ("LibriSpeech",),
    "facebook/wav2vec2-base-960h": ("LibriSpeech",),
    "facebook/wav2vec2-large": ("LibriSpeech",),
    "facebook/wav2vec2-large-960h": ("LibriSpeech",),
    "facebook/wav2vec2-large-lv60": ("Libri-Light",),
    "facebook/wav2vec2-large-960h-lv60-self": ("Libri-Light", "LibriSpeech"),
    # Hsu et al., "Robust wav2vec 2.0", Interspeech 2021.
    "facebook/wav2vec2-large-robust": _ROBUST,
    # Conneau et al., Interspeech 2021; Babu et al., "XLS-R", Interspeech 2022.
    "facebook/wav2vec2-large-xlsr-53": _XLSR,
    "facebook/wav2vec2-xls-r-300m": _XLS_R,
    "facebook/wav2vec2-xls-r-1b": _XLS_R,
    "facebook/wav2vec2-xls-r-2b": _XLS_R,
    # Fine-tuned to emotion: Wagner et al., IEEE TPAMI 45(9), 2023; Yang et al., "SUPERB",
    # Interspeech 2021 (which trained only what stands above the encoder on IEMOCAP).
    "audeering/wav2vec2-large-robust-12-ft-emotion-msp-dim": (*_ROBUST, "MSP-Podcast"),
    "superb/wav2vec2-base-superb-er": ("LibriSpeech", "IEMOCAP"),
    "superb/wav2vec2-large-superb-er": ("Libri-Light", "IEMOCAP"),
    "superb/hubert-base-superb-er": ("LibriSpeech", "IEMOCAP"),
    "superb/hubert-large-superb-er": ("Libri-Light", "IEMOCAP"),
    # Devlin et al., "BERT", NAACL 2019; Liu et al., "RoBERTa", 2019; Sanh et al., 2019.
    "google-bert/bert-base-uncased": _BERT,
    "google-bert/bert-base-cased": _BERT,
    "google-bert/bert-large-uncased": _BERT,
    "google-bert/bert-large-cased": _BERT,
    "distilbert/distilbert-base-uncased": _BERT,
    "FacebookAI/roberta-base": _ROBERTA,
    "FacebookAI/roberta-large": _ROBERTA,
}

_LARGE = {
    "microsoft/wavlm-large": 1024,
    "facebook/hubert-xlarge-ll60k": 1280,
    "facebook/wav2vec2-xls-r-300m": 1024,
    "facebook/wav2vec2-xls-r-1b": 1280,
    "facebook/wav2vec2-xls-r-2b": 1920,
}

# Hub id to the length of a hidden state, as its config.json gives it. "Base" models have 768 and
# "large" ones 1024, but for those above.
WIDTHS: dict[str, int] = {
    name: _LARGE.get(name, 1024 if "-large" in name else 768) for name in PRETRAINED_ON
} | {
    "sentence-transformers/all-MiniLM-L6-v2": 384,
    "google-bert/bert-base-multilingual-cased": 768,
    "google-bert/bert-base-german-cased": 768,
    "google-bert/bert-base-chinese": 768,
}

# Names from before the hub asked for an owner still lead to the same files there.
_OWNERS = {"bert": "google-bert", "roberta": "FacebookAI", "distilbert": "distilbert"}


def pretrained_on(source: str) -> tuple[str, ...] | None:
    """The corpora that an encoder was trained on, by its authors' word; None: not known here.

    Parameters
    ----------
    source
        A hub id, or a folder of the hub's own cache (``.../models--OWNER--NAME/snapshots/...``).
        Of any other folder nothing is known: its weights may have been trained on.

    Examples
    --------
    >>> pretrained_on("microsoft/wavlm-base-plus")
    ('Libri-Light', 'GigaSpeech', 'VoxPopuli')
    """
    return PRETRAINED_ON.get(hub_name(source))


def hub_name(source: str) -> str:
    """The full id on the hub of a source that is one, or a folder in the hub's cache; else ""."""
    if Path(source).is_dir():
        found = re.search(r"models--([^/\\]+)[/\\]snapshots[/\\]", source)
        return found[1].replace("--", "/", 1) if found else ""
    owner = _OWNERS.get(source.partition("-")[0])
    return f"{owner}/{source}" if owner and "/" not in source else source
