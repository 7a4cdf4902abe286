# The compiled search of one segment; see kernel.c.
from typing import Any

from numpy.typing import NDArray

class _Segment: ...

def hold(
    arrays: tuple[NDArray[Any], ...], k1: float, norms: tuple[tuple[float, float], ...]
) -> _Segment: ...
def find(segment: _Segment, term: bytes) -> tuple[int, int, int, int, int] | None: ...
def best(
    segment: _Segment,
    numbers: NDArray[Any],
    idf: NDArray[Any],
    own: int,
    k: int,
    floor: float,
    ranges: NDArray[Any],
    allowed: NDArray[Any] | None,
    ranking: tuple[float, float, float, float, float, int] | None,
) -> list[tuple[float, int, int]]: ...
