"""EmoBox's splits: a folder ``fold_N`` for each fold, with a JSON object a line for each utterance.

::

    emodb/label_map.json
    emodb/fold_1/emodb_train_fold_1.jsonl
    emodb/fold_1/emodb_test_fold_1.jsonl
    emodb/fold_1/emodb_valid_fold_1.jsonl       where there is one

A line has ``key``, ``dataset``, ``wav``, ``emo`` and ``length`` (seconds), beside others that tell
nothing of the split. Speakers stand in ``data.seg.wrd.stm``, where that was passed on, and are
often no speakers (IEMOCAP's is the actor who wears the markers), so that the corpus is believed
before that file. ``label_map.json`` says what each ``emo`` stands for.

Ma et al., EmoBox: Multilingual multi-corpus speech emotion recognition toolkit and benchmark,
Interspeech 2024; github.com/emo-box/EmoBox.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from serbench.errors import few
from serbench.interchange.columns import TOLD, fields_of, name_of
from serbench.interchange.declared import declared
from serbench.interchange.gathering import NONE, Gathering, sides_of
from serbench.interchange.lines import SplitsError, json_value, numbered_lines, plain
from serbench.interchange.parts import ONLY, Part, files_for, parts_of
from serbench.interchange.sounds import Sounds
from serbench.labels import Emotion
from serbench.listing import Item, Listing
from serbench.writing import write_aside

SUFFIX = ".jsonl"
LABEL_MAP = "label_map.json"
STM = "data.seg.wrd.stm"
# What EmoBox calls the emotions to which it maps each corpus's own.
WORDS = {
    Emotion.ANGER: "Angry",
    Emotion.FEAR: "Fear",
    Emotion.FRUSTRATION: "Frustration",
    Emotion.HAPPINESS: "Happy",
    Emotion.SADNESS: "Sad",
}

_STM_ID = re.compile(r"<id=([^,<>]+),(?:[^<>]*,)?spk=([^,<>]+)[,>]")


def read_emobox(path: Path) -> Listing:
    """The splits in a folder, or the utterances of a single file in the order of its lines.

    Raises
    ------
    SplitsError
        If there are none, or a line is none of an utterance.
    """
    gathering = Gathering()
    if path.is_file():
        _read(Part(path, "", NONE, ONLY), gathering)
        return gathering.listing(path.stem)
    every, others = parts_of(path, {SUFFIX})
    parts, notes = _one_for_each(every)
    lists = [other for other in others if other.parent == path]
    if not parts and not lists:
        raise SplitsError(
            f"{path} holds no splits of EmoBox",
            expected=f"fold_1/NAME_train_fold_1{SUFFIX} and fold_1/NAME_test_fold_1{SUFFIX}",
        )
    for part in (*parts, *(Part(other, "", NONE, ONLY) for other in lists)):
        _read(part, gathering)
    if passed := [other for other in others if other.parent != path]:
        names = few(str(other.relative_to(path)) for other in passed)
        notes = (*notes, f"{len(passed)} files of no side were passed over: {names}")
    gathering.hearsay = _speakers(path / STM)
    return gathering.listing(path.name, _label_map(path / LABEL_MAP), notes)


def write_emobox(listing: Listing, folder: Path, sounds: Sounds) -> None:
    """Write splits as EmoBox lays them out, folds numbered from 1 in their order.

    Beside EmoBox's own keys, a line carries ours for what else is known of the utterance, for the
    fold's name, and for what the splits say of themselves. ``wav`` begins with
    ``downloads/CORPUS``, where EmoBox looks for a corpus.

    Raises
    ------
    StoreError
        If the folder cannot be written.
    """
    lines = {item.id: _line(item, sounds) for item in listing.items}
    corpora = {item.id: item.corpus for item in listing.items}
    said = declared(listing)
    written: dict[tuple[int, str, str], list[str]] = {}  # by fold, corpus and side
    named: set[str] = set()
    for number, split in enumerate(listing.splits, 1):
        for side, test_set, ids in sides_of(split):
            named.update(ids)
            for name in ids:
                corpus = corpora.get(name, "")
                placed = {"fold": split.fold, **said}
                if test_set not in ("", corpus):
                    placed["test_set"] = test_set
                line = _joined(lines.get(name) or _line(Item(id=name), sounds), placed)
                written.setdefault((number, corpus, side), []).append(line)
    for name, line in lines.items():
        if name not in named:
            written.setdefault((0, corpora[name], NONE), []).append(line)
    _write(folder / LABEL_MAP, [_label_map_of(listing)])
    files = files_for(["", *corpora.values()])
    for (number, corpus, side), rows in written.items():
        fold = f"fold_{number}"
        own = f"{fold}/{files[corpus]}_{side}_{fold}" if number else files[corpus]
        _write(folder / f"{own}{SUFFIX}", rows)


def _write(path: Path, lines: Sequence[str]) -> None:
    write_aside(path, "".join(line + "\n" for line in lines).encode())


def _read(part: Part, gathering: Gathering) -> None:
    fields: dict[tuple[str, ...], dict[str, str]] = {}
    for number, text in numbered_lines(part.path):
        if not text.strip():
            continue
        where = f"{part.path}, line {number}"
        line = json_value(text, where)
        if not isinstance(line, dict):
            raise SplitsError(f"{where} is no JSON object", expected='{"key": ..., "emo": ...}')
        keys = tuple(line)
        if keys not in fields:
            fields[keys] = fields_of(line, where)
        values = {field: line[key] for key, field in fields[keys].items()}
        fold = name_of(values["fold"], "fold", where) if values.get("fold") else part.fold
        gathering.add({"corpus": part.corpus, **values}, fold, part.side, where)


def _one_for_each(parts: list[Part]) -> tuple[list[Part], tuple[str, ...]]:
    """EmoBox's repository has ``..._fold_1`` and an older ``..._fold1`` side by side."""
    chosen: dict[tuple[str, str, str, Path], Part] = {}
    passed: list[str] = []
    for part in parts:
        key = (part.corpus, part.side, part.fold, part.path.parent)
        older = chosen.get(key)
        if older is None:
            chosen[key] = part
            continue
        newer = max(older, part, key=lambda one: "fold_" in one.path.stem)
        passed.append((older if newer is part else part).path.name)
        chosen[key] = newer
    if not passed:
        return parts, ()
    note = f"{len(passed)} files of another spelling were passed over: {few(passed)}"
    return list(chosen.values()), (note,)


def _speakers(path: Path) -> dict[str, str]:
    """The speaker of each key as EmoBox's annotation file has it; none where it is not there."""
    found: dict[str, str] = {}
    if os.path.lexists(path):  # a link that leads nowhere is an error
        for number, line in numbered_lines(path):
            told = _STM_ID.search(line)
            if told:
                where = f"{path}, line {number}"
                found[plain(told[1], "id", where)] = plain(told[2], "speaker", where)
    return found


def _label_map(path: Path) -> dict[str, str]:
    if not os.path.lexists(path):
        return {}
    found = json_value("".join(text for _, text in numbered_lines(path)), str(path))
    if not isinstance(found, dict):
        raise SplitsError(f"{path} is no JSON object", expected='{"anger": "Angry", ...}')
    return {
        plain(label, "label", str(path)): name_of(meaning, "meaning", str(path))
        for label, meaning in found.items()
    }


def _label_map_of(listing: Listing) -> str:
    labels = sorted({item.label for item in listing.items} - {""})
    meant = {label: listing.label_map.get(label) or _word(label) for label in labels}
    return json.dumps(meant, indent=4, ensure_ascii=False)


def _word(label: str) -> str:
    return WORDS.get(label, label.capitalize())  # type: ignore[call-overload,no-any-return]


def _line(item: Item, sounds: Sounds) -> str:
    """An utterance as a JSON object: EmoBox's keys, then ours."""
    corpus, file = item.corpus or "data", sounds.file(item)
    own = {name: getattr(item, name) for name in TOLD if name not in ("corpus", "file", "label")}
    frames = None if item.duration is None or not item.rate else round(item.duration * item.rate)
    line: dict[str, Any] = {
        "key": f"{corpus}-{item.id.removeprefix(f'{corpus}/')}",
        "dataset": item.corpus,
        "wav": f"downloads/{corpus}/{file}" if file else "",
        "type": "raw",
        "sample_rate": item.rate,
        "num_frame": frames,
        "task": "category",
        "length": own.pop("duration"),
        "emo": item.label,
        "channel": 1,
        "start_time": own.pop("start"),
        "end_time": own.pop("end"),
        **{name: value for name, value in own.items() if value != ""},
        "id": item.id,
    }
    told = {name: value for name, value in line.items() if value is not None}
    return json.dumps(told, ensure_ascii=False)


def _joined(line: str, placed: Mapping[str, str]) -> str:
    """A JSON object as text with further keys: the same utterance stands in every fold."""
    return f"{line[:-1]}, {json.dumps(placed, ensure_ascii=False)[1:]}"
