#!/usr/bin/env python3
"""Make everything a start needs: both Python environments, the model, the web pages.

Runs on any python3 from 3.8 on, with the standard library only. What is up to
date is left alone, so the second call takes a fraction of a second.

    python3 scripts/setup.py [env] [rasa] [model] [web] [all]
"""

import sys

OLDEST = (3, 8)


def main():
    """Check the interpreter before anything newer than it is imported."""
    if sys.version_info < OLDEST:
        found = "%d.%d" % sys.version_info[:2]
        sys.stderr.write("scripts/setup.py 需要 Python 3.8 以上，当前是 %s\n" % found)
        return 1
    from provision.cli import main as run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
