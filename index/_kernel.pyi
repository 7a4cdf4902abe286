# The compiled search; see kernel.c.
from typing import Any

from numpy.typing import NDArray

class _Segment: ...

def hold(
    arrays: tuple[NDArray[Any], ...], k1: float, norms: tuple[tuple[float, float], ...]
) -> _Segment: ...
def find(segment: _Segment, term: str) -> tuple[int, int, int, int, int] | None: ...
def best(
    segments: tuple[_Segment, ...],
    terms: list[str],
    own: int,
    sizes: tuple[int, ...],
    k: int,
    filters: tuple[tuple[NDArray[Any], NDArray[Any]], ...] | None,
    ranking: tuple[float, float, float, float, float, int] | None,
) -> tuple[bytes, bytes]: ...
