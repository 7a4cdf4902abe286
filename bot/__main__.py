"""``python -m bot``."""

import sys

from bot.command import main

sys.exit(main())
