"""`python -m kzt_rates` is the command line `kzt-rates`."""

import sys

from kzt_rates.cli import main

if __name__ == "__main__":
    sys.exit(main())
