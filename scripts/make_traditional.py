"""Makes bot/policies/query/traditional.txt: traditional characters and their simplified ones.

The table is committed; this is only run to renew it, in an environment of its own:

    uv run --no-project --with opencc==1.4.2 python scripts/make_traditional.py

Source: the character dictionary of OpenCC (BYVoid and contributors, Apache License 2.0).
A pair is taken where a single character says enough. The traditional character must not be
used in simplified text (it does not stand in GB 2312), and of the readings that OpenCC gives
exactly one is an everyday character, the one it gives first. So 畫 is left (画 or 划) and so
is 乾 (干, or itself in 乾坤).
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path

TARGET = Path(__file__).resolve().parents[1] / "bot" / "policies" / "query" / "traditional.txt"
# GB 2312 has it, the list of standard characters of 2013 (通用规范汉字表) no longer does.
BY_HAND = {"後": "后"}
A_LINE = 24  # pairs


def main() -> int:
    """Write the table; 0 where that was possible."""
    try:
        version = metadata.version("opencc")
    except metadata.PackageNotFoundError:
        print("opencc is not installed; the first lines of this file say how to run it")
        return 1
    pairs = dict(sorted((chosen(characters()) | BY_HAND).items()))
    rows = [key + value for key, value in pairs.items()]
    lines = [
        "# Traditional characters, each followed by its simplified one. Not edited by hand:",
        "# scripts/make_traditional.py makes it and says how the pairs are chosen.",
        f"# Source: OpenCC {version}, TSCharacters, https://github.com/BYVoid/OpenCC",
        "# Licence: Apache License 2.0, https://www.apache.org/licenses/LICENSE-2.0",
        *(" ".join(rows[i : i + A_LINE]) for i in range(0, len(rows), A_LINE)),
    ]
    TARGET.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{TARGET.name}: {len(rows)} pairs")
    return 0


def characters() -> dict[str, list[str]]:
    """OpenCC's readings of each traditional character, the usual one first."""
    import opencc

    root = Path(opencc.__file__).parent / "clib"
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "characters.txt"
        command = [str(root / "bin" / "opencc_dict"), "-f", "ocd2", "-t", "text"]
        command += ["-i", str(root / "share" / "opencc" / "TSCharacters.ocd2"), "-o", str(plain)]
        subprocess.run(command, check=True)
        rows = (line.split("\t") for line in plain.read_text("utf-8").splitlines())
        return {key: readings.split(" ") for key, readings in rows if len(key) == 1}


def chosen(readings: dict[str, list[str]]) -> dict[str, str]:
    """The pairs in which one character stands for one."""
    pairs = {}
    for key, values in readings.items():
        if level(key):
            continue
        everyday = [value for value in values if level(value) == 1]
        usual = everyday or [value for value in values if level(value) == 2]
        if len(usual) == 1 and usual[0] == values[0]:
            pairs[key] = usual[0]
    return pairs


def level(character: str) -> int:
    """1 for the 3,755 everyday characters of GB 2312, 2 for its others, 0 for all else."""
    try:
        row = character.encode("gb2312")[0] - 0xA0
    except UnicodeEncodeError:
        return 0
    return 1 if 16 <= row < 56 else 2 if row >= 56 else 0


if __name__ == "__main__":
    sys.exit(main())
