"""Models that come with serbench: the papers', rebuilt, and the simple ones that they must beat.

A paper a file. Each says which parts the paper fixes, which it leaves open, and what was chosen.
"""
