"""`python -m layeratlas`: the command line where the entry point is not on the path."""

import sys

from layeratlas.cli import main

sys.exit(main())
