"""``python -m bot.importer``."""

from __future__ import annotations

import sys

from bot.importer.command import main

if __name__ == "__main__":
    sys.exit(main())
