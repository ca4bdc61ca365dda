"""The data directory: owned by one, and refused with a reason when it cannot serve."""

import os
import tempfile
from pathlib import Path

import pytest

from graph.embedded import EmbeddedStoreError
from graph.embedded_directory import bound_log, own_directory


def test_a_directory_is_owned_once_even_within_a_process(tmp_path: Path) -> None:
    with (
        own_directory(tmp_path / "new" / "store"),
        pytest.raises(EmbeddedStoreError, match=f"in use by process {os.getpid()}"),
        own_directory(tmp_path / "new" / "store"),
    ):
        pass

    with own_directory(tmp_path / "new" / "store") as files:
        assert files.path.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("path", ["file", "file/store"])
def test_a_file_is_not_a_data_directory(tmp_path: Path, path: str) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(EmbeddedStoreError, match="is not a directory: name a directory"):
        refuse(tmp_path / path)


def test_a_directory_of_other_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").touch()

    with pytest.raises(EmbeddedStoreError, match=r"holds other files \(thesis.tex\) and no store"):
        refuse(tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_start_that_was_cut_short_is_no_stranger(tmp_path: Path) -> None:
    (tmp_path / "lock").write_text("17\n")
    (tmp_path / ".layout.0123abcd").touch()

    with own_directory(tmp_path) as owned:
        assert owned.layout.read_text() == "1\n"
        assert owned.lock.read_text() == f"{os.getpid()}\n"


def test_a_fresh_volume_is_accepted(tmp_path: Path) -> None:
    (tmp_path / "lost+found").mkdir()

    with own_directory(tmp_path) as files:
        assert files.layout.read_text() == "1\n"


def test_a_newer_layout_is_refused(tmp_path: Path) -> None:
    (tmp_path / "layout").write_text("2\n")

    with pytest.raises(
        EmbeddedStoreError, match=r"newer version \(layout 2, .* knows 1\): upgrade"
    ):
        refuse(tmp_path)


def test_a_damaged_layout_is_refused(tmp_path: Path) -> None:
    (tmp_path / "layout").write_text("one")

    with pytest.raises(EmbeddedStoreError, match=r"is damaged .*restore the directory"):
        refuse(tmp_path)


def test_a_full_disk_is_refused_before_the_start(tmp_path: Path) -> None:
    with pytest.raises(EmbeddedStoreError, match=r"MiB are free for .* free some"):
        refuse(tmp_path, min_free_bytes=1 << 60)


def test_a_directory_that_we_may_not_write_is_refused() -> None:
    user = os.geteuid()
    with tempfile.TemporaryDirectory() as path:
        Path(path).chmod(0o555)
        try:
            if user == 0:
                os.seteuid(65534)  # modes do not bind root
            with pytest.raises(EmbeddedStoreError, match="is not writable for this user"):
                refuse(Path(path))
            with pytest.raises(EmbeddedStoreError, match="is not writable for this user"):
                refuse(Path(path) / "new")
        finally:
            os.seteuid(user)


def refuse(path: Path, **limits: int) -> None:
    with own_directory(path, **limits):
        pytest.fail("the directory was accepted")


def test_a_log_that_has_grown_is_cut_and_a_copy_kept(tmp_path: Path) -> None:
    log = tmp_path / "store.log"
    log.write_text("x" * 100)

    bound_log(log, limit=100)
    assert log.stat().st_size == 100

    bound_log(log, limit=99)
    assert log.stat().st_size == 0
    assert (tmp_path / "store.log.1").stat().st_size == 100
