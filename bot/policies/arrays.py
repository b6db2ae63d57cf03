"""Files of named arrays: read whole or refused, written whole or not at all."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

__all__ = ["check_shapes", "read_arrays", "read_model", "write_arrays", "write_model"]

_Model = TypeVar("_Model")


def read_arrays(path: Path) -> dict[str, npt.NDArray[Any]]:
    """The arrays of a file by name.

    Raises:
        ValueError: the file is missing or damaged.
    """
    try:
        with np.load(path, allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files}
    except (OSError, zipfile.BadZipFile, EOFError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path.name}: {error}") from error


def write_arrays(path: Path, **arrays: npt.NDArray[Any]) -> None:
    """Write a file of arrays; one that is there stays until the new one is complete."""
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    path.parent.mkdir(parents=True, exist_ok=True)
    with temporary.open("wb") as stream:
        np.savez(stream, **arrays)  # type: ignore[arg-type]
    temporary.replace(path)


def read_model(path: Path, kind: type[_Model]) -> _Model:
    """A dataclass of arrays as :func:`write_model` wrote it.

    Raises:
        ValueError: the file is missing, damaged, or holds other arrays.
    """
    try:
        return kind(**read_arrays(path))
    except TypeError as error:  # other arrays than those of the model
        raise ValueError(f"{path.name}: {error}") from error


def check_shapes(path: Path, model: Any, right: Mapping[str, tuple[int, ...]]) -> None:
    """See that arrays of a model are of their shapes.

    Raises:
        ValueError: one is not; the message names the file and the array.
    """
    for name, shape in right.items():
        if getattr(model, name).shape != shape:
            raise ValueError(f"{path.name}: {name} is of another shape")


def write_model(path: Path, model: Any) -> None:
    """Write a dataclass of arrays, each under the name of its field."""
    write_arrays(path, **{field.name: getattr(model, field.name) for field in fields(model)})
