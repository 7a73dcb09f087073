"""What is written of a corpus, under the label space that was asked for."""

from serbench.exports.columns import normalise
from serbench.labels import LabelSpace, Scale, Tags


def test_utterances_that_count_several_times_are_written_once(twice):
    assert twice.classes == ("sadness", "happiness")
    rows = [(row["id"], row["emotion"]) for row in twice.rows()]
    assert rows == [
        ("chats/-v1/0", "happiness"),
        ("chats/-v1/2", "sadness"),
        ("chats/v2", "happiness"),
    ]
    assert twice.repeated == ("two: each utterance of sadness counts 3 times, and is written once",)


def test_no_class(corpus, found):
    valence = LabelSpace("valence", "", task=Scale(-5, 5), label_field="valence")
    kept = normalise(corpus, found, valence)
    assert [(row["id"], row["emotion"], row["target"]) for row in kept.rows()] == [
        ("chats/-v1/0", "happiness", 4.5),
        ("chats/-v1/1", None, -1.0),
    ]
    assert kept.record()["labels"] == "valence"
    tags = LabelSpace("tags", "", task=Tags(("valence", "text")))
    kept = normalise(corpus, found, tags)
    assert [row["target"] for row in kept.rows()] == [["valence", "text"]]
    assert kept.record()["labels"] == "tags"


def test_what_a_table_says_of_itself(chats, twice, found):
    said = {
        "corpus": "chats",
        "release": found.release,
        "fingerprint": found.fingerprint,
        "partial": False,
    }
    own = {
        "labels": None,
        "repeat": {},
        "note": "Every utterance, under the corpus's own emotions.",
    }
    assert chats.record() == said | own
    assert chats.repeated == ()
    assert twice.record() == said | {
        "labels": "two",
        "repeat": {"sadness": 3},
        "note": "Label space two: sad and glad. two: each utterance of sadness counts 3 times, and "
        "is written once.",
    }


def test_space_that_means_something_else_on_this_corpus(corpus, found):
    here = LabelSpace("both", "here")
    kept = normalise(
        corpus, found, LabelSpace("both", "", repeat={"sadness": 2}, variants={"chats": here})
    )
    assert (kept.labels, kept.repeated) == (here, ())
