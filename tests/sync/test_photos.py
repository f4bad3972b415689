from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sync.photos import ChunkVerdict, UploadView, accept_chunk, matches, missing
from sync.types import PhotoRef

sizes = st.integers(0, 10_000)


def test_missing_are_those_announced_and_not_held_in_their_order() -> None:
    refs = [PhotoRef(name, "0" * 64, 1, "after") for name in "abc"]
    assert [ref.id for ref in missing(refs, ["b", "x"])] == ["a", "c"]


@given(sizes, sizes, sizes, sizes)
def test_bytes_are_taken_only_where_the_durable_ones_end_and_never_beyond_the_announced(
    length: int, reached: int, offset: int, chunk: int
) -> None:
    verdict = accept_chunk(UploadView(length, min(reached, length)), offset, chunk)
    if verdict is ChunkVerdict.ACCEPT:
        assert offset == min(reached, length)
        assert offset + chunk <= length
    elif verdict is ChunkVerdict.TOO_LONG:
        assert offset + chunk > length
    else:
        assert offset != min(reached, length)


def test_a_digest_matches_in_either_case_and_nothing_else() -> None:
    assert matches("AB" * 32, "ab" * 32)
    assert not matches("ab" * 32, "ab" * 31 + "ac")
