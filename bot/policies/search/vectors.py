"""Vectors of clauses and questions on disk, so that a start computes none.

One file: eight-bit vectors with a scale each, found by the hash of their text and
kind. It belongs to one encoder; under another, and where it is missing or damaged, it
is the same as empty.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bot.policies.arrays import read_arrays, write_arrays
from bot.policies.search.encoder import Vectors

__all__ = ["VectorStore"]


class VectorStore:
    """Vectors by kind (``passage``, ``query``) and text.

    Args:
        path: the file; None keeps nothing.
        encoder: the name of the encoder whose vectors are wanted.
        size: numbers a vector.
    """

    def __init__(self, path: Path | None, encoder: str, size: int) -> None:
        self._path, self._encoder, self._size = path, encoder, size
        self._rows: dict[int, npt.NDArray[np.int8]] = {}
        self._scales: dict[int, float] = {}
        self._used: set[int] = set()
        self.computed = 0
        if path is not None:
            self._read(path)

    def _read(self, path: Path) -> None:
        try:
            stored = read_arrays(path)
            if str(stored["encoder"]) != self._encoder:
                return
            keys, vectors, scales = stored["keys"], stored["vectors"], stored["scales"]
        except (ValueError, KeyError):
            return
        if vectors.shape != (len(keys), self._size) or len(scales) != len(keys):
            return
        for key, vector, scale in zip(keys.tolist(), vectors, scales.tolist(), strict=True):
            self._rows[key], self._scales[key] = vector, scale

    def __len__(self) -> int:
        return len(self._used & self._rows.keys())

    def all(
        self, kind: str, texts: Sequence[str], encode: Callable[[Sequence[str]], Vectors] | None
    ) -> Vectors:
        """The vectors of texts, shape (len(texts), size).

        Args:
            kind: what the texts are encoded as.
            texts: the texts.
            encode: computes what is not stored; None leaves those rows zero.
        """
        keys = [_key(kind, text) for text in texts]
        missing = [index for index, key in enumerate(keys) if key not in self._rows]
        if missing and encode is not None:
            for index, vector in zip(
                missing, encode([texts[index] for index in missing]), strict=True
            ):
                self._put(keys[index], vector)
            self.computed += len(missing)
        found = np.zeros((len(texts), self._size), dtype=np.float32)
        for index, key in enumerate(keys):
            if key in self._rows:
                found[index] = self._rows[key].astype(np.float32) * self._scales[key]
        self._used.update(keys)
        return found

    def _put(self, key: int, vector: Vectors) -> None:
        scale = float(np.abs(vector).max()) / 127 or 1.0
        self._rows[key] = np.round(vector / scale).astype(np.int8)
        self._scales[key] = scale

    def save(self) -> None:
        """Write the vectors that were used, in the order of their keys."""
        if self._path is None:
            return
        keys = sorted(self._used & self._rows.keys())
        vectors = np.array([self._rows[key] for key in keys], dtype=np.int8)
        write_arrays(
            self._path,
            encoder=np.array(self._encoder),
            keys=np.array(keys, dtype=np.uint64),
            vectors=vectors.reshape(len(keys), self._size),
            scales=np.array([self._scales[key] for key in keys], dtype=np.float32),
        )


def _key(kind: str, text: str) -> int:
    digest = hashlib.sha256(f"{kind}\0{text}".encode()).digest()
    return int.from_bytes(digest[:8], "big")
