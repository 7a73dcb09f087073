"""Bundles: all that trials need on a machine without corpora, as a folder of plain files.

::

    bundle.json                  what is in it: every other file with its SHA-256
    plan.jsonl                   the trials (:mod:`serbench.planfile`)
    utterances-emodb-1a2b.parquet  who is spoken of, under one label space: no sound, no path
    folds-3c4d.parquet           who trains and who tests
    index.parquet                where each utterance's features stand in ...
    features/5e6f-001.npy        ... these arrays, [all frames, dims]
    models/7a8b.py               the source of a ``path.py:Class`` model, if there is one
    unfinished/ab12.../          checkpoints of trainings that go on there

Nothing in it is unpickled, and nothing but the named source of a model is ever executed.
"""
