"""A disk that cannot be written is the operator's to mend; other errors are not explained away."""

import errno

import pytest

from cluster.local.disk import explained
from cluster.local.errors import FolderError


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS])
def test_a_disk_that_cannot_be_written_is_a_sentence(number: int) -> None:
    with (
        pytest.raises(FolderError, match=r"^This machine cannot write to /data/run\.new \(No\.\)\.$") as caught,
        explained(),
    ):
        raise OSError(number, "No.", "/data/run.new")
    assert "--data-dir" in caught.value.advice
    assert caught.value.exit_status == 1


def test_without_a_name_it_is_one_all_the_same() -> None:
    with pytest.raises(FolderError, match=r"^This machine cannot write \(No room\)\.$"), explained():
        raise OSError(errno.ENOSPC, "No room")


def test_what_is_no_such_thing_stays_what_it_is() -> None:
    with pytest.raises(FileNotFoundError), explained():
        raise FileNotFoundError(errno.ENOENT, "No such file", "/data/run.new")
