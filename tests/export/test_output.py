"""Writing: whole or not at all, and clear words where it cannot be."""

import os
import stat
from pathlib import Path
from typing import TextIO

import pytest

from sayso.errors import OutputError
from sayso.export.output import destination


def fail_after_writing(out: TextIO, error: type[BaseException]) -> None:
    out.write("new")
    raise error


def test_put_in_place_when_all_is_well(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")
    with destination(str(path)) as out:
        out.write("new\r\nö\n")
        out.flush()
        assert path.read_text() == "old"
    assert path.read_bytes() == "new\r\nö\n".encode()
    assert os.listdir(tmp_path) == ["a.txt"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_left_as_it_was_when_not(tmp_path: Path, error: type[BaseException]) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(error), destination(str(path)) as out:
        fail_after_writing(out, error)
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_permissions(tmp_path: Path) -> None:
    mask = os.umask(0o027)
    try:
        for name, mode in (("new", None), ("old", 0o604)):
            path = tmp_path / name
            if mode:
                path.touch()
                path.chmod(mode)
            with destination(str(path)) as out:
                out.write("x")
            assert stat.S_IMODE(path.stat().st_mode) == (mode or 0o640)
    finally:
        os.umask(mask)


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")
    with destination(str(tmp_path / "link")) as out:
        out.write("new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new"


def test_half_characters_do_not_stop_it(tmp_path: Path) -> None:
    with destination(str(tmp_path / "a")) as out:
        out.write("a\ud83db")
    assert (tmp_path / "a").read_text() == "a?b"


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("none/a.txt", "no such file or directory.*make the folder first"),
        (".", "it is a folder.*name a file in it"),
        ("file/a.txt", "not a directory.*name another folder"),
        ("x" * 300, "file name too long.*shorter"),
    ],
)
def test_what_cannot_be_written_is_said(tmp_path: Path, name: str, what: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match=what), destination(str(tmp_path / name)):
        pytest.fail("nothing is done for a file that cannot be written")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_no_permission(tmp_path: Path) -> None:
    (tmp_path / "a").touch(0o444)
    tmp_path.chmod(0o500)
    try:
        for name in ("a", "b"):
            with pytest.raises(OutputError, match="permission denied"), destination(str(tmp_path / name)):
                pytest.fail("nothing is done for a file that cannot be written")
    finally:
        tmp_path.chmod(0o700)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk() -> None:
    with (
        pytest.raises(OutputError, match=r"/dev/full: cannot be written \(no space left on device\); free some space"),
        destination("/dev/full") as out,
    ):
        out.write("x" * 1_000_000)


def test_a_device_is_written_to_directly() -> None:
    with destination("/dev/null") as out:
        out.write("x")
    assert not stat.S_ISREG(os.stat("/dev/null").st_mode)
