"""Kill what is left of the supervisor's process groups once the supervisor is gone.

The kernel kills a child when its parent dies, but not the child's own children.
This small process reads ``+<group>`` and ``-<group>`` lines from the
supervisor's pipe; the pipe ends when the supervisor does, however that came
about, and every group still on the list is killed. Standard library only.
"""

import contextlib
import os
import signal
import sys


def main() -> int:
    """Keep the list until the pipe ends, then kill."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        group = int(line[1:])
        if line[0] == "+":
            groups.add(group)
        else:
            groups.discard(group)
    for group in groups:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)
    return 0


if __name__ == "__main__":
    sys.exit(main())
