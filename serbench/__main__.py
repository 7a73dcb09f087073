"""``python -m serbench``."""

from serbench.cli.app import main

if __name__ == "__main__":
    main()
