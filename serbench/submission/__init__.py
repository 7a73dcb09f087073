"""Rows of a board, packed for whoever keeps a board: predictions, what is claimed, a model card.

A submission is one tar file (:mod:`serbench.submission.archive`). What it says of itself stands in
its ``submission.json`` (:mod:`serbench.submission.statement`), whose SHA-256 is the submission's
id. Nothing in it is ever executed. :mod:`serbench.verifying` says what of it can be believed.
"""
