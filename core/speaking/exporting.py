"""A run's network, its series and its texts in the formats of other tools."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ...data.arrays_on_disk import let_go
from ...data.cleaning import one_line
from ...data.corpus import Split
from ...data.tokenization import Tokenizer
from ...models.configuration import ModelConfig
from ...models.inference import InferenceNetwork
from ..errors import RunError
from ..runs.checkpoints import load_checkpoint
from ..runs.contents import load_corpus, load_tokenizer
from ..runs.files import written_whole
from ..runs.folder import BEST, Run

NetworkFormat = Literal["onnx", "safetensors"]

_REMEDY = "choose another place"
_LARGEST_ONNX = 2**31 - 2**20
"""Bytes of weights; protobuf, which ONNX is written in, ends at 2 GiB."""
_DECODED_AT_ONCE = 100_000
"""Texts after which the memory is given back that tokens on the disk take."""


def export_network(run: Run, path: Path, form: NetworkFormat) -> Path:
    """Write the run's best weights, in float32, to ``path`` and its tokenizer beside it; return the tokenizer's path.

    Raises:
        RunError: a file is there already or cannot be written, the run has no network or is damaged, the package
            onnx is missing, or the network is too large for ONNX.
    """
    tokenizer_path = path.with_suffix(".tokenizer.json")
    for file in (path, tokenizer_path):
        _check_free(file)
    config, weights, metadata = _network(run)
    content = _onnx(config, weights, metadata) if form == "onnx" else _safetensors(weights, metadata)
    with written_whole(tokenizer_path, remedy=_REMEDY) as handle:
        handle.write(load_tokenizer(run).to_json().encode())
    with written_whole(path, remedy=_REMEDY) as handle:
        handle.write(content)
    return tokenizer_path


def export_series(run: Run, path: Path) -> int:
    """Write a row for each step to ``path``, as CSV or Parquet by its ending, and return how many there are.

    Raises:
        RunError: the ending is another, the file is there already or cannot be written, or the package pyarrow is
            missing.
    """
    ending = path.suffix.lower()
    if ending not in (".csv", ".parquet"):
        raise RunError(f"{one_line(str(path))} says no format; let its name end in .csv or .parquet.")
    _check_free(path)
    table = run.series().reset_index()
    with written_whole(path, remedy=_REMEDY) as handle:
        if ending == ".csv":
            handle.write(table.to_csv(index=False).encode())
        else:
            try:
                table.to_parquet(handle, index=False, engine="pyarrow")
            except ImportError as error:
                raise _lacking("Parquet", "pyarrow", "tables") from error
    return len(table)


def export_texts(run: Run, path: Path) -> tuple[list[Path], int]:
    """Write the texts that the run was trained, validated and tested on, each split into a file of its own.

    ``first.txt`` becomes ``first.train.txt`` and so on. A text is a line; where one has several lines, a blank line
    stands between two of them, so that JokeGen and others read the same texts again.

    Returns:
        The files, and how many words (or characters) in them the vocabulary does not know: they have become unknown
        ones, because a run keeps tokens.

    Raises:
        RunError: a file is there already or cannot be written, or the run is damaged.
    """
    tokenizer = load_tokenizer(run)
    corpus = load_corpus(run, tokenizer)
    splits = [split for split in (corpus.train, corpus.valid, corpus.test) if split is not None]
    files = [path.with_suffix(f".{split.name}{path.suffix or '.txt'}") for split in splits]
    for file in files:
        _check_free(file)
    for split, file in zip(splits, files, strict=True):
        # Twice from the tokens rather than once held: there may be more texts than memory.
        several = any("\n" in text for text in _texts_of(split, tokenizer))
        with written_whole(file, remedy=_REMEDY) as handle:
            for index, text in enumerate(_texts_of(split, tokenizer)):
                handle.write((("\n\n" if several else "\n") * (index > 0) + text).encode())
            handle.write(b"\n")
    return files, sum(split.unknown for split in splits)


def _texts_of(split: Split, tokenizer: Tokenizer) -> Iterator[str]:
    for index in range(len(split)):
        if index % _DECODED_AT_ONCE == 0:
            let_go(split.tokens)
        yield tokenizer.decode(split.text(index).tolist()).strip("\n")


def _network(run: Run) -> tuple[ModelConfig, dict[str, NDArray[Any]], dict[str, str]]:
    info = run.info
    if info.model is None:
        raise RunError(f"The run '{run.name}' only counts n-grams, so there is no network to export; choose zip.")
    try:
        config = ModelConfig.from_dict(info.model)
    except (TypeError, ValueError) as error:
        raise RunError(f"The run.json of {run.name} is damaged; restore it from a copy.") from error
    arrays = load_checkpoint(run.path / BEST).arrays
    try:
        InferenceNetwork(config, arrays)
    except ValueError as error:
        raise RunError(f"The checkpoint {run.name}/{BEST} does not fit the run's network ({error}).") from error
    weights = {name: np.ascontiguousarray(arrays[name], dtype=np.float32) for name in config.weight_shapes}
    return config, weights, {"run": run.name, "config": json.dumps(config.to_dict(), sort_keys=True)}


def _onnx(config: ModelConfig, weights: dict[str, NDArray[Any]], metadata: dict[str, str]) -> bytes:
    if 4 * config.parameters > _LARGEST_ONNX:
        raise RunError("The network is larger than the 2 GB that an ONNX file may hold; export it as safetensors.")
    try:
        from ...models.onnx_graph import onnx_model
    except ImportError as error:
        raise _lacking("ONNX", "onnx", "onnx") from error
    return onnx_model(config, weights, metadata).SerializeToString()


def _safetensors(weights: dict[str, NDArray[Any]], metadata: dict[str, str]) -> bytes:
    from safetensors.numpy import save

    return save(weights, metadata={"format": "pt", **metadata})


def _check_free(path: Path) -> None:
    if path.exists():
        raise RunError(f"{one_line(str(path))} already exists; choose another file name.")
    if not path.parent.is_dir():
        raise RunError(f"{one_line(str(path))} cannot be written, there is no such folder; choose another place.")


def _lacking(what: str, package: str, extra: str) -> RunError:
    return RunError(f"{what} needs the package {package}; install it with: pip install 'jokegen[{extra}]'.")
