"""How far a result can be believed: submissions and results folders, held to all that they say.

A row reaches one of three rungs (:mod:`serbench.verifying.rung`). Nothing that is read is executed
or unpickled, and no stored score is believed: each is computed again.
"""
