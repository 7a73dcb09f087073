"""The corpora that ship with serbench, an adapter a file."""
