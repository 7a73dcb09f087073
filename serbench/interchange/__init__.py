"""Splits in and out: folds as other tools write and read them (EmoBox, nkululeko, one CSV table).

:func:`serbench.interchange.reading.read` tells which format a file or folder is.
"""
