"""Files of named arrays: written once, mapped to be read, checked where they are read.

A file is laid out as safetensors are (https://huggingface.co/docs/safetensors): eight bytes that
tell the length of a JSON header, the header, and the arrays, the wider ones first so that each lies
on a multiple of its width. The header's ``__metadata__`` has the SHA-256 of every array. The last
array holds a checksum of each stretch of ``BLOCK`` bytes before it: what a question needs of a file
is checked when it is first read, without reading the rest.

A checksum is the sum, modulo 2**64, of the stretch's words of eight bytes, each times an odd weight of
its own (multilinear hashing: Lemire and Kaser, "Strongly universal string hashing is fast", 2014). So a
change within one word never goes unseen, another one by a chance of about 2**-64.
"""

import hashlib
import json
import mmap
import os
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.errors import DamagedSnapshot

Array = NDArray[Any]
BLOCK = 1 << 14
"""Bytes that one checksum stands for; the kernel has the same number."""
CHECKS = "checks"
UNFINISHED = ".unfinished"
"""How the names of files end that are being written; a killed writer leaves them."""
_TYPES = {"I64": np.int64, "F64": np.float64, "I32": np.int32, "U32": np.uint32, "U16": np.uint16}
_TYPES |= {"U8": np.uint8}
_NAMES = {np.dtype(dtype): name for name, dtype in _TYPES.items()}


def _weights() -> NDArray[np.uint64]:
    """An odd number for each word of a block, by the generator SplitMix64 (Steele, Lea and Flood,
    "Fast splittable pseudorandom number generators", 2014)."""
    z = np.arange(1, BLOCK // 8 + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (z ^ (z >> np.uint64(31))) | np.uint64(1)


WEIGHTS = _weights()


def checksums_of(content: memoryview | bytearray) -> list[int]:
    """The checksum of each BLOCK bytes; zeros fill the last one up."""
    padded = bytes(content) + b"\0" * (-len(content) % BLOCK)
    sums: list[int] = (np.frombuffer(padded, np.uint64).reshape(-1, BLOCK // 8) @ WEIGHTS).tolist()
    return sums


@dataclass(frozen=True, slots=True)
class Stream:
    """An array that is never whole in memory: its type, its size, and its pieces in order."""

    dtype: np.dtype[Any]
    size: int
    pieces: Callable[[], Iterable[Array]]


class ArrayFile:
    """An open file of named arrays, mapped; what is read of it is checked first.

    The file's name is the beginning of its header's SHA-256. Opening checks the header, the size
    and the list of checksums; DamagedSnapshot says in one sentence what is wrong.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with open(path, "rb") as file:
                self.size = os.fstat(file.fileno()).st_size
                head = file.read(8)
                length = int.from_bytes(head, "little")
                if len(head) < 8 or length > self.size - 8:
                    raise self.damaged(f"it has only {self.size} bytes")
                header = file.read(length)
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except OSError as error:
            raise self.damaged(error.strerror or str(error)) from None
        if name_of(header) != path.stem:
            raise self.damaged("its header is not the one it was named for")
        entries = json.loads(header)
        self.said: dict[str, str] = entries.pop("__metadata__")
        self._entries: dict[str, tuple[str, int, int]] = {
            name: (entry["dtype"], *entry["data_offsets"]) for name, entry in entries.items()
        }
        end = max(end for _, _, end in self._entries.values())
        if self.size != 8 + length + end:
            raise self.damaged(f"it has {self.size} bytes, not {8 + length + end}")
        self.start = 8 + length
        content = self.array(CHECKS)
        if hashlib.sha256(content.data).hexdigest() != self._digests()[CHECKS]:
            raise self.damaged("its checksums are not what was written")
        self.checks = content.copy().view(np.uint64)  # it may lie at an odd address
        self.checked = np.zeros(len(self.checks), np.uint8)
        # A stretch of memory that begins with the arrays, for the kernel.
        self.data = np.frombuffer(self._map, np.uint8, end, self.start)[: end - content.nbytes]

    def part(self, name: str, begin: int = 0, end: int | None = None) -> Array:
        """``array(name)[begin:end]``, checked; DamagedSnapshot where it is not what was written."""
        found = self.array(name)[begin:end]
        if found.nbytes:
            at = self._entries[name][1] + begin * found.itemsize
            first, last = at // BLOCK, (at + found.nbytes - 1) // BLOCK
            if not self.checked[first : last + 1].all():
                for block in range(first, last + 1):
                    self._check(block)
        return found

    def _check(self, block: int) -> None:
        if not self.checked[block]:
            content = self.data[block * BLOCK : (block + 1) * BLOCK]
            if checksums_of(content.data) != [self.checks[block]]:
                raise self.bad_block(block)
            self.checked[block] = 1

    def bad_block(self, block: int) -> DamagedSnapshot:
        """The error for a stretch that does not have its checksum; names the arrays in it."""
        low, high = block * BLOCK, (block + 1) * BLOCK
        inside = [name for name, (_, a, b) in self._entries.items() if a < high and b > low]
        return self.damaged(f"bytes {low} to {high} of its arrays ({', '.join(inside)}) changed")

    def faults(self) -> list[str]:
        """What is wrong with the arrays, a sentence each; reads and digests them all."""
        digests = self._digests()
        return [
            f"{name} in {self.path.name} is not what was written (its SHA-256 differs)"
            for name in self._entries
            if hashlib.sha256(self.array(name).data).hexdigest() != digests[name]
        ]

    def damaged(self, what: str) -> DamagedSnapshot:
        """The error that *what* is wrong with this file."""
        return DamagedSnapshot(f"the file {self.path} is damaged: {what}; run `byline rebuild`")

    def _digests(self) -> dict[str, str]:
        digests: dict[str, str] = json.loads(self.said["sha256"])
        return digests

    def array(self, name: str) -> Array:
        """A whole array, unchecked: ``part`` and the kernel look before they read."""
        dtype, begin, end = self._entries[name]
        width = np.dtype(_TYPES[dtype]).itemsize
        if begin == end:  # frombuffer refuses what is empty
            return np.empty(0, _TYPES[dtype])
        return np.frombuffer(self._map, _TYPES[dtype], (end - begin) // width, self.start + begin)


def name_of(header: bytes) -> str:
    """The name of the file with this header: 32 hexadecimal digits."""
    return hashlib.sha256(header).hexdigest()[:32]


def write_arrays(
    folder: Path, ending: str, arrays: Mapping[str, Array | Stream], said: Mapping[str, str]
) -> str:
    """Write *arrays* and what is *said* of them into a new file of *folder* and give its name.

    The file has its name, with *ending*, only when all of it is on the disk. Raises OSError.
    """
    streams = {
        name: array
        if isinstance(array, Stream)
        else Stream(array.dtype, array.size, lambda array=array: [array])  # type: ignore[misc]
        for name, array in arrays.items()
    }
    total = sum(one.size * one.dtype.itemsize for one in streams.values())
    order = sorted(streams, key=lambda name: -streams[name].dtype.itemsize)
    digests = dict.fromkeys([*order, CHECKS], "0" * 64)
    entries: dict[str, Any] = {}
    at = 0
    for name in order:
        end = at + streams[name].size * streams[name].dtype.itemsize
        entries[name] = _entry(streams[name].dtype, streams[name].size, at, end)
        at = end
    blocks = -(-total // BLOCK)
    # As bytes, for it need not begin on a multiple of four.
    entries[CHECKS] = _entry(np.dtype(np.uint8), blocks * 8, total, total + blocks * 8)
    draft = folder / f"{secrets.token_hex(8)}{UNFINISHED}"
    try:
        with open(draft, "xb") as file:
            file.write(_head(entries, digests, said))
            checks = _Checksums()
            for name in order:
                digest = hashlib.sha256()
                for piece in streams[name].pieces():
                    content = np.ascontiguousarray(piece, streams[name].dtype).data.cast("B")
                    digest.update(content)
                    checks.update(content)
                    file.write(content)
                digests[name] = digest.hexdigest()
            last = np.array(checks.finished(), np.uint64).tobytes()
            file.write(last)
            digests[CHECKS] = hashlib.sha256(last).hexdigest()
            head = _head(entries, digests, said)
            file.seek(0)
            file.write(head)
            file.flush()
            os.fsync(file.fileno())
        name = name_of(head[8:])
        os.replace(draft, folder / f"{name}{ending}")
    finally:
        draft.unlink(missing_ok=True)
    return name


class _Checksums:
    """The checksum of each BLOCK bytes of a stream."""

    def __init__(self) -> None:
        self._done: list[int] = []
        self._rest = bytearray()

    def update(self, content: memoryview) -> None:
        for begin in range(0, len(content), 64 * BLOCK):
            self._rest += content[begin : begin + 64 * BLOCK]
            whole = len(self._rest) // BLOCK * BLOCK
            self._done += checksums_of(self._rest[:whole])
            del self._rest[:whole]

    def finished(self) -> list[int]:
        return [*self._done, *checksums_of(self._rest)]


def _entry(dtype: np.dtype[Any], size: int, begin: int, end: int) -> dict[str, Any]:
    return {"dtype": _NAMES[dtype], "shape": [size], "data_offsets": [begin, end]}


def _head(entries: Mapping[str, Any], digests: Mapping[str, str], said: Mapping[str, str]) -> bytes:
    """The length and the header; spaces fill it up, so that the arrays begin on a multiple of 8."""
    metadata = {**said, "sha256": json.dumps(digests)}
    header = json.dumps({"__metadata__": metadata, **entries}).encode()
    header += b" " * (-len(header) % 8)
    return len(header).to_bytes(8, "little") + header
