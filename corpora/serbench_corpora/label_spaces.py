"""The label spaces of the literature: which emotions are merged, and who is left out.

Each stands for the numbers that papers print under it. What a space merges, leaves out and counts
to is part of it; ``serbench labels show iemocap4`` prints it. Counts are those of the corpora's
usual releases.
"""

from __future__ import annotations

from types import MappingProxyType

from serbench.labels import INTENDED, Classes, LabelSpace, Scale, Tags

_EXCITED_IS_HAPPY = MappingProxyType({"excitement": "happiness"})

IEMOCAP4 = LabelSpace(
    name="iemocap4",
    title="anger, happiness with excitement, neutral, sadness: the 5531 of most IEMOCAP papers",
    task=Classes(("anger", "happiness", "neutral", "sadness")),
    merge=_EXCITED_IS_HAPPY,
    expected={"iemocap": {"anger": 1103, "happiness": 1636, "neutral": 1708, "sadness": 1084}},
    note="Excitement (1041) is merged into happiness (595). Left out of 10,039: no agreement 2507, "
    "frustration 1849, surprise 107, fear 40, other 3, disgust 2. SWRR and EmoBox use this set.",
)

IEMOCAP4_IMPROVISED = LabelSpace(
    name="iemocap4-improvised",
    title="iemocap4 in improvised dialogues alone: 2943 utterances",
    task=IEMOCAP4.task,
    merge=_EXCITED_IS_HAPPY,
    where={"style": ("improvised",)},
    expected={"iemocap": {"anger": 289, "happiness": 947, "neutral": 1099, "sadness": 608}},
    note="Excitement (663) is merged into happiness (284). Left out: all 5255 scripted turns, and "
    "of the 4784 improvised ones frustration 971, no agreement 800 and 70 of other labels. "
    "SD-CAFF's text describes this set; its code trains on sdcaff4.",
)

_SDCAFF_CLASSES = Classes(("neutral", "sadness", "anger", "happiness"))  # the code's 0 to 3

_SDCAFF4_MSP = LabelSpace(
    name="sdcaff4",
    title="MSP-IMPROV's other-improvised turns under the emotion of their scenario",
    task=_SDCAFF_CLASSES,
    where={"style": ("other-improvised",)},
    label_field=INTENDED,
    note="The label is the letter of the scenario in the file name, not what listeners heard; "
    "each of the 4381 turns around a target sentence has one. The paper counts 4379.",
)

SDCAFF4 = LabelSpace(
    name="sdcaff4",
    title="the four classes of SD-CAFF's released code, anger counted twice",
    task=_SDCAFF_CLASSES,
    merge={"happiness": None, "excitement": "happiness"},
    where={"style": ("improvised",)},
    repeat={"anger": 2},
    variants={"msp-improv": _SDCAFF4_MSP},
    expected={"iemocap": {"neutral": 1099, "sadness": 608, "anger": 578, "happiness": 663}},
    note="IEMOCAP: improvised turns; each of the 289 angry ones twice, on the training and the "
    "test side alike; only excited turns (663) stand for happiness, and the 284 happy ones are "
    "left out, though the paper says that the two are merged: 2948 rows of 2659 utterances. "
    "MSP-IMPROV: the 4381 other-improvised turns, under the intended emotion of their scenario "
    "and not the perceived one.",
)

MSP4 = LabelSpace(
    name="msp4",
    title="anger, happiness, neutral, sadness as MSP-IMPROV's listeners heard them: 7798 turns",
    task=Classes(("anger", "happiness", "neutral", "sadness")),
    expected={"msp-improv": {"anger": 792, "happiness": 2644, "neutral": 3477, "sadness": 885}},
    note="Perceived labels of all four scenarios. Left out of 8438: no agreement 555, other 85.",
)

SHARED5 = LabelSpace(
    name="shared5",
    title="the five emotions that CASIA, EMO-DB, EMOVO, RAVDESS and SAVEE share",
    task=Classes(("anger", "fear", "happiness", "neutral", "sadness")),
    expected={
        "casia": dict.fromkeys(("anger", "fear", "happiness", "neutral", "sadness"), 200),
        "emodb": {"anger": 127, "fear": 69, "happiness": 71, "neutral": 79, "sadness": 62},
        "emovo": dict.fromkeys(("anger", "fear", "happiness", "neutral", "sadness"), 84),
        "ravdess": {"anger": 192, "fear": 192, "happiness": 192, "neutral": 96, "sadness": 192},
        "savee": {"anger": 60, "fear": 60, "happiness": 60, "neutral": 120, "sadness": 60},
    },
    note="Nothing is merged. Left out: boredom 81 and disgust 46 of EMO-DB, disgust 84 and "
    "surprise 84 of EMOVO, calm, disgust and surprise (192 each) of RAVDESS, disgust and "
    "surprise (60 each) of SAVEE, surprise 200 of CASIA. The space of the 20 cross-corpus pairs.",
)

MOSEI_SENTIMENT = LabelSpace(
    name="mosei-sentiment",
    title="sentiment from -3 to 3, scored as a number, as 7 and as 2 classes",
    task=Scale(-3.0, 3.0),
    label_field="sentiment",
    note="Nothing is left out. ACC7 rounds to the nearest of -3..3. ACC2 has two conventions that "
    "papers mix: negative against positive with the zeros left out, and negative against not "
    "negative on all; both are shown, never in one column. The CSV holds whole numbers, rounded "
    "away from zero; the SDK's CSD and MMSA's tables hold the exact values.",
)

MOSEI_EMOTIONS6 = LabelSpace(
    name="mosei-emotions6",
    title="six emotions, any number of them at once",
    task=Tags(("happiness", "sadness", "anger", "surprise", "disgust", "fear")),
    note="An emotion is present if its intensity (0 to 3) is above 0; an utterance may have none. "
    "Needs the intensities of the SDK's CSD or of the raw ratings: the CSV holds only the "
    "strongest emotion, and MMSA's tables none.",
)
