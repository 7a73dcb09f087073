"""What trials take: seconds and memory, and how that is known.

Every figure says its source. What finished trials of the row took on the same device is the best
word there is; else a training is begun in earnest and stopped (a net), or one trial run whole
(any other model, within a budget); else a net's operations are counted, which gives a floor. What
none of these tells is unknown, and is not made up.
"""
