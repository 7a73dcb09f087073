"""Canaries: predictors that hear nothing.

Each knows the training labels and one thing about every utterance beside its sound: who speaks,
what is said, in which dialogue, for how long. What it reaches under a protocol is the ceiling of
that shortcut: a model whose score lies below it may have learned the shortcut and nothing else,
though it need not have.
"""
