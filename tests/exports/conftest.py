"""A corpus of segments of long recordings, with everything that an utterance can have."""

import numpy as np
import pytest
import soundfile

from serbench.corpus import Corpus, CorpusCard, Entry, Release
from serbench.exports.columns import normalise
from serbench.labels import Classes, Emotion, LabelSpace
from serbench.scan import scan

RATE = 8000
LABELS = {"H": Emotion.HAPPINESS, "S": Emotion.SADNESS, "A": Emotion.ANGER, "x": None}
# Name, speaker, label, start, end, and the rest. Two recordings, one of them also whole.
SEGMENTS = (
    ("-v1/0", "ann", "H", 0.1, 1.0, {"text": "=1+1", "fold": "train"}),
    ("-v1/1", "bob", "x", 1.0, 1.75, {"text": "NA", "fold": "valid", "intended": "S"}),
    ("-v1/2", "ann", "S", 1.75, None, {"text": 'said "so",\nand left', "fold": "test"}),
    ("v2", "bob", "H", None, None, {"text": "Größe", "gender": "male"}),
)
VOTES = {"-v1/0": {"happy": 2.0, "glad, so": 1.0}, "-v1/1": {}}
ATTRIBUTES = {
    "-v1/0": {"valence": 4.5, "text": 1.0},
    "-v1/1": {"valence": -1.0},
    "v2": {"arousal": 0.0},
}


class Chats(Corpus):
    """Segments of long recordings, with everything that an utterance can have."""

    card = CorpusCard(
        name="chats",
        title="Chats, vol. 1",
        language="English",
        licence='for "research" only: sign here',
        how_to_get="ask",
        citation="@article{c, author = {Bee, Ann and C. Dee}, title={Chats}}",
        releases=(Release("Chats 1.0", {"H": 2, "S": 1, "x": 1}, {"ann": 2, "bob": 2}),),
    )
    labels = LABELS

    def entries(self, root):
        for name, speaker, native, start, end, fields in SEGMENTS:
            file = f"talk/{name.partition('/')[0]}.wav"
            yield Entry(
                id=name, audio=root / file, file=file, speaker=speaker, native=native, start=start,
                end=end, votes=VOTES.get(name), attributes=ATTRIBUTES.get(name, {}), **fields,
            )  # fmt: skip


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("chats")
    (folder / "talk").mkdir()
    noise = np.random.default_rng(0)
    for name, subtype, channels in (("-v1", "PCM_16", 2), ("v2", "PCM_24", 1)):
        sound = noise.uniform(-1, 1, (2 * RATE, channels))
        soundfile.write(folder / "talk" / f"{name}.wav", sound, RATE, subtype=subtype)
    return folder


@pytest.fixture(scope="module")
def corpus():
    return Chats()


@pytest.fixture(scope="module")
def found(corpus, root):
    return scan(corpus, root)


@pytest.fixture(scope="module")
def chats(corpus, found):
    return normalise(corpus, found)


@pytest.fixture(scope="module")
def twice(corpus, found):
    """Under a label space that counts the sad utterances three times."""
    task = Classes(("sadness", "happiness"))
    space = LabelSpace("two", "sad and glad", task=task, repeat={"sadness": 3, "happiness": 1})
    return normalise(corpus, found, space)
