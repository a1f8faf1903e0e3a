"""A stream is cut into the frames it was made of, however it arrives."""

import pytest

from actors.runtime.frames import APART_S, AT_ONCE, CROWD, Frames, FrameTooLarge, framed, leaves_at_s

CONTENTS = [b"one", b"", b"three" * 100]
STREAM = b"".join(map(framed, CONTENTS))


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 64, len(STREAM)])
def test_frames_come_out_whole_whatever_the_pieces(size: int) -> None:
    frames = Frames(1_000)
    found = [content for n in range(0, len(STREAM), size) for content in frames.feed(STREAM[n : n + size])]
    assert found == CONTENTS


def test_what_is_announced_too_large_is_not_waited_for() -> None:
    frames = Frames(10)
    with pytest.raises(FrameTooLarge, match="11 bytes are announced, 10 are allowed"):
        list(frames.feed(framed(b"x" * 11)[:4]))


def test_the_bound_may_be_raised_between_two_frames() -> None:
    frames = Frames(3)
    found = []
    for content in frames.feed(framed(b"key") + framed(b"x" * 100)):
        frames.bytes_max = 100
        found.append(content)
    assert found == [b"key", b"x" * 100]


def test_frames_leave_at_once_among_few_and_apart_in_a_crowd() -> None:
    assert leaves_at_s(5.0, CROWD) == AT_ONCE
    assert leaves_at_s(5.0, CROWD + 1) == 5.0 + APART_S
