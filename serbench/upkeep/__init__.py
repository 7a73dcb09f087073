"""Looking after a results folder: what is dead goes, damaged steps aside, old moves.

Nothing here removes or changes a finished trial that is what was written.
"""
