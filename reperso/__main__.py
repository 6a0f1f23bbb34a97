"""`python -m reperso` is `reperso`."""

import sys

from reperso.cli import main

if __name__ == "__main__":
    sys.exit(main())
