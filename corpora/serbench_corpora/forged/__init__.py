"""How each shipped corpus is forged: its files and label files, without its people."""
