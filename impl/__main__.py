"""`python -m impl`: see `impl.served.cli`."""

import sys

from impl.served.cli import main

if __name__ == "__main__":
    sys.exit(main())
