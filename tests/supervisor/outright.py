"""A supervisor in a process of its own, to be killed by a test.

python outright.py FOLDER GRANDCHILD_FILE
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from tests.supervisor.stack import Stack


async def main() -> int:
    folder, note = Path(sys.argv[1]), sys.argv[2]
    options = {"service": ("--stubborn",), "rasa": ("--stubborn", "--grandchild", note)}
    async with Stack(folder, options, signals=True) as stack:
        await stack.until_said("已就绪")
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        return await stack.task


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
