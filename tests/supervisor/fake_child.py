"""A stand-in for Rasa or the service: answers 200 on its port, or misbehaves as told.

python fake_child.py PORT [--die CODE] [--say TEXT] [--refuse N] [--stubborn]
                     [--grandchild FILE]

Standard library only. Every life appends its pid to the file named by PIDS.
"""

from __future__ import annotations

import argparse
import http.server
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("--die", type=int)
    parser.add_argument("--say", default="")
    parser.add_argument("--refuse", type=int, default=0, help="questions answered with 503")
    parser.add_argument("--stubborn", action="store_true", help="ignore SIGTERM")
    parser.add_argument("--grandchild", type=Path)
    options = parser.parse_args()
    with Path(os.environ["PIDS"]).open("a") as pids:
        pids.write(f"{os.getpid()}\n")
    if options.say:
        sys.stderr.write(options.say + "\n")
    if options.die is not None:
        sys.exit(options.die)
    if options.stubborn:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    else:
        signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    if options.grandchild:
        sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        options.grandchild.write_text(str(sleeper.pid))
    left = [options.refuse]

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            left[0] -= 1
            self.send_response(503 if left[0] >= 0 else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", options.port), Handler)
    threading.Thread(target=server.serve_forever).start()


if __name__ == "__main__":
    main()
