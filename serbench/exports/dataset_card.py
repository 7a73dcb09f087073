"""The README.md of an exported folder: which corpus it is, and how its sound is read."""

from __future__ import annotations

import json
import textwrap
from typing import Literal

from serbench.exports.columns import Normalised

# How to come from a row to its samples, without a decoder of ``datasets``. As serbench.audio cuts.
_READ = {
    "path": """import soundfile

row = dataset[0]
begin = max(0, round((row["start"] or 0) * row["rate"]))  # None: from the file's beginning
end = None if row["end"] is None else round(row["end"] * row["rate"])  # None: to its end
samples, rate = soundfile.read(row["audio"]["path"], start=begin, stop=end)""",
    "embed": """import io

import soundfile

row = dataset[0]
samples, rate = soundfile.read(io.BytesIO(row["audio"]["bytes"]))""",
}
_AUDIO = {
    "path": """The column `audio` names the file on the machine that wrote this table; `start` and
`end` say which part of it an utterance is, where a file holds several. It is not decoded:
`row["audio"]["path"]` is all that it has. For samples, with the package soundfile alone:""",
    "embed": """The column `audio` holds the sound itself: `row["audio"]["bytes"]` is a file as it
would stand on a disk, not decoded. For samples, with the package soundfile alone:""",
}
_DECODED = {
    "path": "It decodes whole files. Of a segment, from `start` to `end` in seconds, take\n"
    '`dataset[0]["audio"].get_samples_played_in_range(start, end)`.',
    "embed": "Each row holds its own utterance and no more.",
}


def dataset_card(corpus: Normalised, file: str, sound: Literal["path", "embed"]) -> str:
    """A README.md for the folder that the file stands in, as the Hugging Face hub reads it."""
    card, scan = corpus.card, corpus.scan
    hours = sum(utterance.duration for utterance in corpus.utterances) / 3600
    speakers = len({utterance.speaker for utterance in corpus.utterances})
    partial = ", incomplete" if scan.partial else ""
    quoted = json.dumps  # a JSON string is a YAML string
    return f"""---
pretty_name: {quoted(card.title, ensure_ascii=False)}
license: other
license_name: {quoted(card.licence, ensure_ascii=False)}
task_categories:
- audio-classification
configs:
- config_name: default
  data_files: {quoted(file)}
---

# {card.title}, normalised by serbench

{len(corpus.utterances)} utterances of {speakers} speakers, {hours:.3f} hours
({scan.release}{partial}, fingerprint {scan.fingerprint}).

{corpus.labelled}

Language: {card.language}

Licence of the corpus: {card.licence}

## To read it

```python
from datasets import load_dataset

dataset = load_dataset("path/of/this/folder", split="train")
```

The one split that `load_dataset` makes of the table is called "train" because it calls any table
so; which utterances train and which test, a protocol says (`serbench protocols list`).

{_numbered(corpus)}

{_AUDIO[sound]}

```python
{_READ[sound]}
```

Or with the decoder of `datasets`, which needs torchcodec (and torchcodec needs FFmpeg):

```python
from datasets import Audio

dataset = dataset.cast_column("audio", Audio())
samples = dataset[0]["audio"].get_all_samples().data  # [channels, samples]
```

{_DECODED[sound]}

## To cite the corpus

```bibtex
{card.citation.strip()}
```
"""


def _numbered(corpus: Normalised) -> str:
    numbers = ", ".join(f"{i} {name}" for i, name in enumerate(corpus.classes))
    return textwrap.fill(
        '`emotion` is a number, and `dataset.features["emotion"].int2str(number)` its name. The '
        f"numbers of this table are {numbers}. They follow the order of classes in the label "
        "space, which for a corpus's own emotions is the corpus's, so that other tables may count "
        "otherwise: compare and join tables by the names, or export all of them under one label "
        "space (`--labels`).",
        100,
    )
