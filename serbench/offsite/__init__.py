"""Work on a bundle: against the clock, on a machine that may be gone afterwards.

Nothing here asks for typer or rich, which such a machine may lack.
"""
