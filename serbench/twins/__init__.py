"""The same sound twice: exact, normalised and near copies in a collection of recordings.

:func:`serbench.twins.search.twins` is the way in.
"""
