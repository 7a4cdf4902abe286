"""``python -m index`` is ``byline``."""

import sys

from index.command import main

if __name__ == "__main__":
    sys.exit(main())
