"""A paper's own tables, printed again with what was measured here beside each number.

A table is described by whoever re-implemented the paper (:mod:`serbench.reproducing.table`) and
registered in the group ``serbench.reproductions``. Its numbers are those of
:mod:`serbench.literature`; ours come from a results folder, by the scores that boards show.
"""
