"""L03, L07 and L08: what belongs together stands on one side."""

import dataclasses

from serbench.audit import Case, Declared
from serbench.audit.evidence import Canary


def test_a_shared_session_is_a_warning_and_an_error_where_sessions_are_kept_apart(
    toy, change, found
):
    pairs = change(toy(), session=lambda item: "A" if item.speaker in {"s0", "s1"} else "B")
    (one,) = found("L03", pairs)
    assert (one.severity, one.count, one.counts) == ("warning", 2, (1, 1, 1, 1))
    (one,) = found("L03", Case(pairs, Declared(session_independent=True)))
    assert one.severity == "error"
    alone = change(toy(), session=lambda item: item.speaker)
    assert found("L03", Case(alone, Declared(session_independent=True))) == []


def test_a_shared_dialogue_tells_what_it_is_worth(toy, change, found):
    listing = change(toy(), dialogue=lambda item: item.label)
    (one,) = found("L03", listing)
    assert one.count == 3
    canaries = (Canary("dialogue", 0.734, 0.25, 83.0),)
    (one,) = found("L03", Case(listing, canaries=canaries))
    assert "UA 73.4 where chance is 25.0" in one.message


def segments(listing, of, start, end):
    items = tuple(
        dataclasses.replace(item, source=of(item), start=start(item), end=end(item))
        for item in listing.items
    )
    return dataclasses.replace(listing, items=items)


def take(item):
    return int(item.id[-1])


def test_parts_of_a_recording_on_one_side_are_well(toy, found):
    of_a_speaker = segments(toy(), lambda i: i.speaker, lambda i: take(i), lambda i: take(i) + 2.0)
    assert found("L07", of_a_speaker) == []


def test_parts_on_both_sides_are_a_warning_and_overlapping_ones_an_error(toy, dealt, found):
    listing = dealt(toy())
    # Takes are dealt in turn: neighbours stand in different folds.
    apart = segments(listing, lambda i: i.speaker + i.label, take, lambda i: take(i) + 1.0)
    (one,) = found("L07", apart)
    assert (one.severity, one.count) == ("warning", 12)
    over = segments(listing, lambda i: i.speaker + i.label, take, lambda i: take(i) + 1.5)
    (one,) = found("L07", over)
    assert (one.severity, one.count, len(one.folds)) == ("error", 12, 4)
    unknown = segments(listing, lambda i: i.speaker + i.label, lambda i: None, lambda i: None)
    assert [one.severity for one in found("L07", unknown)] == ["error"]


def test_a_recording_is_never_named_by_its_place_on_the_disk(toy, dealt, found):
    listing = segments(dealt(toy()), lambda i: "/home/me/video.wav", take, lambda i: take(i) + 1.5)
    assert not any("/home" in name for one in found("L07", listing) for name in one.examples)


def test_a_copy_of_a_test_utterance_in_training(toy, found):
    listing = toy()
    original = listing.items[0]
    copy = dataclasses.replace(original, id="toy/noisy/0", parent=original.id, file="noisy/0.wav")
    same_side = dataclasses.replace(
        listing,
        items=(*listing.items, copy),
        splits=tuple(
            dataclasses.replace(split, train=(*split.train, copy.id))
            for split in listing.splits
            if original.id in split.train
        ),
    )
    assert found("L08", same_side) == []
    everywhere = dataclasses.replace(
        same_side,
        splits=tuple(
            dataclasses.replace(split, train=(*split.train, copy.id)) for split in listing.splits
        ),
    )
    (one,) = found("L08", everywhere)
    assert (one.severity, one.count, one.examples) == ("error", 1, (original.id,))
    assert one.folds == ("s0",)


def test_copies_that_a_label_space_makes_are_known_by_their_names(toy, found):
    listing = toy()
    original = listing.items[0]
    copy = dataclasses.replace(original, id=f"{original.id}#2")
    first = listing.splits[0]
    leaky = dataclasses.replace(first, train=(*first.train, copy.id))
    spoilt = dataclasses.replace(
        listing, items=(*listing.items, copy), splits=(leaky, *listing.splits[1:])
    )
    (one,) = found("L08", spoilt)
    assert one.examples == (original.id,)


def test_a_sibling_in_training_gives_its_sibling_away(toy, found):
    """Two copies of one recording, which is itself in no fold."""
    listing = toy()
    tested, trained = listing.items[0], listing.items[-1]
    items = tuple(
        dataclasses.replace(item, parent="toy/studio") if item in (tested, trained) else item
        for item in listing.items
    )
    (one,) = found("L08", dataclasses.replace(listing, items=items))
    assert one.examples == ("toy/studio",)
    assert set(one.folds) == {"s0", "s3"}


def test_times_in_a_file_make_it_a_recording(toy, dealt, found):
    """Nobody says that these are segments, and they are."""
    listing = dealt(toy())
    cut = tuple(
        dataclasses.replace(item, file=item.file[:-5] + ".wav", start=float(i % 8), end=i % 8 + 1.0)
        for i, item in enumerate(listing.items)
    )
    (one,) = found("L07", dataclasses.replace(listing, items=cut))
    assert one.severity == "warning"


def test_names_that_augmentation_gives(toy, found):
    listing = toy()
    named = {item.id: item for item in listing.items}
    noisy = tuple(
        dataclasses.replace(item, id=f"{item.id}_noise", file=item.file[:-4] + "_noise.wav")
        for item in listing.items
    )
    spoilt = tuple(
        dataclasses.replace(
            split, train=(*split.train, *(f"{name}_noise" for name in split.tests["toy"]))
        )
        for split in listing.splits
    )
    (one,) = found("L08", dataclasses.replace(listing, items=listing.items + noisy, splits=spoilt))
    assert (one.severity, one.count) == ("warning", len(named))
    # On their originals' side they are well, and a name that goes on is no copy's.
    beside = tuple(
        dataclasses.replace(split, train=(*split.train, *(f"{name}_noise" for name in split.train)))
        for split in listing.splits
    )
    fine = dataclasses.replace(listing, items=listing.items + noisy, splits=beside)
    assert found("L08", fine) == []
