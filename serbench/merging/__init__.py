"""Results that were made elsewhere, taken into a results folder: all of it held to its digests."""
