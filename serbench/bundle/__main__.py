"""``python -m serbench.bundle DIR``: work on a bundle, without typer."""

import sys

from serbench.offsite.main import main

if __name__ == "__main__":
    sys.exit(main())
