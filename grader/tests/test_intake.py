"""Intake opens honest hand-ins whole, and refuses the others in one line: member, fact, expectation."""

import gzip
import io
import os
import socket
import stat
import struct
import sys
import tarfile
import tempfile
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.intake import CAPS, Caps, IntakeError, open_handin, report_names

NAME = "assignment1_basics"
ADAPTERS = b"def run_linear(): ...\n"
MB = 1024 * 1024


@pytest.fixture
def make_zip(tmp_path):
    """Makes quill.zip from names (or ZipInfos) and contents; `adapters.py` is always there."""

    def made(*entries, **options):
        path = tmp_path / "quill.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, **options) as archive:
            archive.writestr("adapters.py", ADAPTERS)
            for name, content in entries:
                archive.writestr(name, content)
        return path

    return made


@pytest.fixture
def make_tar(tmp_path):
    """Makes quill.tar.gz from TarInfos (or names) and contents; `adapters.py` is always there."""

    def made(*entries, **options):
        path = tmp_path / "quill.tar.gz"
        with tarfile.open(path, "w:gz", **options) as archive:
            for entry, content in (("adapters.py", ADAPTERS), *entries):
                info = tarfile.TarInfo(entry) if isinstance(entry, str) else entry
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
        return path

    return made


@pytest.fixture
def folder(tmp_path):
    """An honest hand-in as a folder."""
    made = tmp_path / "quill"
    made.mkdir()
    (made / "adapters.py").write_bytes(ADAPTERS)
    return made


@pytest.fixture
def opened(tmp_path):
    """Opens a hand-in into a fresh folder."""

    def run(source, caps=CAPS):
        return open_handin(source, NAME, Path(tempfile.mkdtemp(dir=tmp_path)) / "opened", caps)

    return run


@pytest.fixture
def refusal(opened):
    """The one line a hand-in is refused with."""

    def run(source, caps=CAPS):
        with pytest.raises(IntakeError) as caught:
            opened(source, caps)
        message = str(caught.value)
        assert message.startswith(source.name)
        assert "; expected " in message
        assert "\n" not in message
        assert len(message) < 500
        return message

    return run


def contents(handin):
    found = sorted(path for path in handin.folder.rglob("*") if path.is_file())
    return {path.relative_to(handin.folder).as_posix(): path.read_bytes() for path in found}


def special(name, kind, **more):
    info = tarfile.TarInfo(name)
    info.type = kind
    for key, value in more.items():
        setattr(info, key, value)
    return info


# Honest hand-ins


def test_a_zip_a_tar_and_a_folder_open_to_the_same_files(make_zip, make_tar, folder, opened):
    (folder / "parts").mkdir()
    (folder / "parts" / "größe.py").write_bytes(b"x = 1\n")
    entry = ("parts/größe.py", b"x = 1\n")
    expected = {"adapters.py": ADAPTERS, "parts/größe.py": b"x = 1\n"}
    for source in (make_zip(entry), make_tar(entry), folder):
        assert contents(opened(source)) == expected


@pytest.mark.parametrize("prefix", ["", f"{NAME}/", f"wrapped/{NAME}/", "wrapped/", f"{NAME}/{NAME}/"])
def test_the_assignment_is_found_at_the_top_or_below_one_folder(tmp_path, opened, prefix):
    with zipfile.ZipFile(tmp_path / "quill.zip", "w") as archive:
        archive.writestr(f"{prefix}adapters.py", ADAPTERS)
        archive.writestr(f"{prefix}nn.py", b"")
    assert set(contents(opened(tmp_path / "quill.zip"))) == {"adapters.py", "nn.py"}


def test_what_lies_beside_the_assignment_is_named_and_not_graded(tmp_path, opened):
    with zipfile.ZipFile(tmp_path / "quill.zip", "w") as archive:
        for name in (f"repo/{NAME}/adapters.py", "repo/grader/scoring.py", "repo/README.md"):
            archive.writestr(name, ADAPTERS)
    handin = opened(tmp_path / "quill.zip")
    assert contents(handin) == {"adapters.py": ADAPTERS}
    assert handin.outside == ("repo/README.md", "repo/grader/")
    assert handin.notes == (f"outside {NAME}/, not graded: repo/README.md, repo/grader/",)


def test_a_lone_file_is_a_folder_with_only_adapters(tmp_path, opened):
    (tmp_path / "late_quill_4711.py").write_bytes(ADAPTERS)
    assert contents(opened(tmp_path / "late_quill_4711.py")) == {"adapters.py": ADAPTERS}


def test_a_tar_of_the_current_folder_opens(make_tar, opened):
    assert "nn.py" in contents(opened(make_tar((special(".", tarfile.DIRTYPE), b""), ("./nn.py", b""))))


@pytest.mark.parametrize(
    "name",
    [
        ".git/config", ".git/hooks/pre-commit", "__pycache__/nn.cpython-311.pyc", ".venv/lib/site.py",
        ".DS_Store", "__MACOSX/._nn.py", "._nn.py", "nn.pyc", "nn.abi3.so", ".GIT/config",
    ],
)  # fmt: skip
def test_what_is_no_part_of_a_hand_in_is_left_out_and_listed(make_zip, make_tar, opened, name):
    for source in (make_zip((name, b"x")), make_tar((name, b"x"))):
        handin = opened(source)
        assert contents(handin) == {"adapters.py": ADAPTERS}
        assert len(handin.left_out) == 1
        assert name.startswith(handin.left_out[0])
        assert handin.notes == (f"left out of the hand-in: {handin.left_out[0]}",)


def test_a_virtual_environment_is_left_out_with_its_links_and_its_bulk(folder, opened):
    (folder / ".venv" / "bin").mkdir(parents=True)
    (folder / ".venv" / "bin" / "python").symlink_to("/usr/bin/python3")
    (folder / "venv").symlink_to(".venv")
    handin = opened(folder)
    assert contents(handin) == {"adapters.py": ADAPTERS}
    assert handin.left_out == (".venv/", "venv")


def test_modes_are_forced(make_tar, opened):
    info = tarfile.TarInfo("tools/run.py")
    info.mode = 0o6777
    handin = opened(make_tar((info, b"")))
    assert stat.S_IMODE((handin.folder / "tools" / "run.py").stat().st_mode) == 0o644
    assert stat.S_IMODE((handin.folder / "tools").stat().st_mode) == 0o755


def test_archives_in_a_hand_in_stay_closed(make_zip, opened):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("../escape.py", b"")
    assert contents(opened(make_zip(("inner.zip", inner.getvalue()))))["inner.zip"] == inner.getvalue()


def test_a_destination_in_use_is_our_error(folder, tmp_path):
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "left").touch()
    with pytest.raises(FileExistsError, match="expected a fresh folder"):
        open_handin(folder, NAME, tmp_path / "used")


def test_a_destination_that_cannot_be_written_is_our_error(folder, tmp_path):
    (tmp_path / "blocked").touch()
    with pytest.raises(OSError, match="blocked"):
        open_handin(folder, NAME, tmp_path / "blocked" / "deeper")


# Missing and unreadable


def test_a_missing_adapters_file_is_looked_for_aloud(folder, refusal):
    (folder / "adapters.py").rename(folder / "adaptors.py")
    assert refusal(folder) == f"quill holds no adapters.py; expected it at one of: {NAME}/adapters.py, adapters.py"


def test_a_misplaced_adapters_file_is_pointed_at(folder, refusal):
    (folder / "src" / "deep").mkdir(parents=True)
    (folder / "adapters.py").rename(folder / "src" / "deep" / "Adapters.py")
    assert "holds no adapters.py (there is src/deep/Adapters.py)" in refusal(folder)


def test_empty_hand_ins_say_so(tmp_path, refusal):
    (tmp_path / "quill").mkdir()
    assert "quill holds no files" in refusal(tmp_path / "quill")
    with zipfile.ZipFile(tmp_path / "quill.zip", "w"):
        pass
    assert "quill.zip holds no files" in refusal(tmp_path / "quill.zip")


@pytest.mark.parametrize("name", ["quill.zip", "quill.tar.gz", "quill.tgz"])
@pytest.mark.parametrize("content", [b"", b"not an archive at all", b"PK\x05\x06" + b"\xff" * 18, b"\x1f\x8b\x08\x00"])
def test_damaged_archives_cannot_be_read(tmp_path, refusal, name, content):
    (tmp_path / name).write_bytes(content)
    assert "cannot be read" in refusal(tmp_path / name)


def test_a_truncated_tar_is_refused_wherever_it_is_cut(make_tar, tmp_path, opened):
    whole = make_tar(("nn.py", os.urandom(4000))).read_bytes()
    for length in (10, 40, len(whole) // 2, len(whole) - 9):
        cut = tmp_path / "cut.tar.gz"
        cut.write_bytes(whole[:length])
        with pytest.raises(IntakeError, match="cannot be read"):
            opened(cut)


def test_a_zip_with_a_flipped_byte_fails_its_checksum(make_zip, refusal):
    path = make_zip(("nn.py", b"x" * 1000))
    data = bytearray(path.read_bytes())
    data[data.index(b"nn.py") + len("nn.py") + 3] ^= 0xFF
    path.write_bytes(data)
    assert "'nn.py' cannot be read" in refusal(path) or "checksum" in refusal(path)


@pytest.mark.parametrize("name", ["quill.rar", "quill.tar", "quill.7z", "quill"])
def test_other_forms_name_the_accepted_ones(tmp_path, refusal, name):
    (tmp_path / name).write_bytes(b"x")
    assert refusal(tmp_path / name).endswith("expected a folder, .zip, .tar.gz, .tgz or an adapters.py")


def test_a_hand_in_that_is_not_there_is_one_line(tmp_path, refusal):
    assert "No such file" in refusal(tmp_path / "quill.zip")


# Names

CLIMBING = ["../escape.py", "a/../../escape.py", "..", "a/.."]
ABSOLUTE = ["/etc/escape.py", "//escape.py"]
ODD = [
    "a//b.py", "a/./b.py", "C:/escape.py", "c:escape.py", "stream.py:hidden", "a\\..\\b.py", "a\x01b.py",
    "a\x1b[31m.py", "trailing.", "trailing ", " leading.py", "a/b./c.py", "a\u202eyp.py", "a\u200b.py",
    "a\ud800.py", ".",
]  # fmt: skip


@pytest.mark.parametrize("name", [*CLIMBING, *ABSOLUTE, *ODD])
def test_treacherous_names_are_refused_and_nothing_lands_outside(make_tar, tmp_path, refusal, name):
    assert refusal(make_tar((name, b"x"), errors="surrogatepass", format=tarfile.GNU_FORMAT))
    assert not (tmp_path / "escape.py").exists()
    assert not Path("/etc/escape.py").exists()


@pytest.mark.parametrize("name", [*CLIMBING, *ABSOLUTE, *(name for name in ODD if "\ud800" not in name)])
def test_treacherous_names_are_refused_in_zips_too(make_zip, refusal, name):
    assert refusal(make_zip((name, b"x")))


def test_a_climbing_name_is_named(make_zip, refusal):
    message = refusal(make_zip(("../../escape.py", b"")))
    expected = "expected a relative path inside the hand-in"
    assert message == f"quill.zip: '../../escape.py' climbs out with '..'; {expected}"


def test_a_name_cut_short_by_a_nul_is_refused(make_zip, refusal):
    path = make_zip(("nn.pyX.txt", b"x"))
    path.write_bytes(path.read_bytes().replace(b"nn.pyX.txt", b"nn.py\0.txt"))
    assert "NUL" in refusal(path)


def test_control_characters_do_not_reach_the_message(make_zip, refusal):
    assert "\x1b" not in refusal(make_zip(("a\x1b[2Jb.py", b"")))


@pytest.mark.parametrize(
    ("first", "second", "why"),
    [
        ("nn.py", "NN.py", "clashes with"),
        ("straße.py", "STRASSE.py", "clashes with"),
        ("é.py", "e\u0301.py", "clashes with"),
        ("parts/a.py", "Parts/b.py", "clashes with"),
        ("nn.py", "nn.py/more.py", "a file and a folder"),
        ("nn.py/more.py", "nn.py", "a file and a folder"),
        ("nn.py", "nn.py", "is there twice"),
        ("nn.py", "./nn.py", "is there twice"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")  # zipfile warns of what we are about to test
def test_names_that_are_one_somewhere_are_refused(make_zip, make_tar, refusal, first, second, why):
    entries = ((first, b"1"), (second, b"2"))
    assert why in refusal(make_zip(*entries))
    assert why in refusal(make_tar(*entries))


def test_long_and_deep_paths_are_refused(make_zip, refusal):
    assert "folders deep; expected at most 12" in refusal(make_zip(("a/" * 12 + "b.py", b"")))
    assert "bytes; expected at most 200" in refusal(make_zip(("a" * 201, b"")))


def test_a_bottomless_folder_is_not_climbed_down(folder, refusal):
    place = os.open(folder, os.O_RDONLY)
    for _ in range(300):
        os.mkdir("d", dir_fd=place)
        deeper = os.open("d", os.O_RDONLY, dir_fd=place)
        os.close(place)
        place = deeper
    os.close(place)
    assert "folders deep" in refusal(folder)


# Links and special files


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        (tarfile.SYMTYPE, "a symbolic link"),
        (tarfile.LNKTYPE, "a hard link"),
        (tarfile.FIFOTYPE, "a FIFO"),
        (tarfile.CHRTYPE, "a device"),
        (tarfile.BLKTYPE, "a device"),
        (b"Z", "of an unknown kind"),
    ],
)
def test_links_and_special_files_in_a_tar_are_refused(make_tar, refusal, kind, word):
    info = special("nn.py", kind, linkname="/etc/passwd", devmajor=1, devminor=5)
    assert refusal(make_tar((info, b""))) == f"quill.tar.gz: 'nn.py' is {word}; expected plain files and folders only"


def test_a_file_written_through_a_link_is_never_reached(make_tar, tmp_path, refusal):
    link = special("parts", tarfile.SYMTYPE, linkname=str(tmp_path))
    assert "'parts' is a symbolic link" in refusal(make_tar((link, b""), ("parts/escape.py", b"x")))
    assert not (tmp_path / "escape.py").exists()


@pytest.mark.parametrize("system", [0, 3, 19])
def test_a_link_in_a_zips_attributes_is_refused_whatever_system_is_claimed(make_zip, refusal, system):
    info = zipfile.ZipInfo("nn.py")
    info.create_system = system
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert "'nn.py' is a symbolic link" in refusal(make_zip((info, b"/etc/passwd")))


def test_other_kinds_in_a_zips_attributes_are_refused(make_zip, refusal):
    for attributes, word in (
        (stat.S_IFIFO << 16, "a FIFO"),
        (stat.S_IFBLK << 16, "a device"),
        (stat.S_IFDIR << 16, "of an unknown kind"),
        (0x400, "a symbolic link"),
    ):
        info = zipfile.ZipInfo("nn.py")
        info.external_attr = attributes
        assert f"'nn.py' is {word}" in refusal(make_zip((info, b"x")))


def test_links_in_a_folder_are_refused_not_followed(folder, tmp_path, refusal):
    (tmp_path / "secret").write_text("secret")
    (folder / "nn.py").symlink_to(tmp_path / "secret")
    assert "'nn.py' is a symbolic link" in refusal(folder)


def test_a_linked_folder_inside_or_as_the_hand_in_is_refused(folder, tmp_path, refusal):
    (tmp_path / "alias").symlink_to(folder)
    assert "alias is a symbolic link" in refusal(tmp_path / "alias")
    (folder / "parts").symlink_to("/etc")
    assert "'parts' is a symbolic link" in refusal(folder)


@pytest.mark.timeout(20)
def test_a_fifo_does_not_hang(folder, tmp_path, refusal):
    os.mkfifo(tmp_path / "quill.zip")
    assert "neither a folder nor a plain file" in refusal(tmp_path / "quill.zip")
    os.mkfifo(folder / "nn.py")
    assert "'nn.py' is a FIFO" in refusal(folder)


def test_a_socket_is_refused(folder, refusal, monkeypatch):
    monkeypatch.chdir(folder)  # a socket's path must be short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("nn.py")
        assert "'nn.py' is a socket" in refusal(folder)


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root makes devices")
def test_a_device_is_refused_and_not_opened(folder, refusal):
    try:
        os.mknod(folder / "nn.py", stat.S_IFCHR | 0o666, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("this container makes no devices")
    assert "'nn.py' is a device" in refusal(folder)


# Bombs


def flat_bomb(total):
    """A deflate stream of `total` zeros, made by repeating one flushed block."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(bytes(MB)) + packer.flush(zlib.Z_FULL_FLUSH)
    return block * (total // MB) + packer.flush()


@pytest.fixture(scope="module")
def bomb():
    return flat_bomb(10_000 * MB)


def zip_of(stream, *, claimed, name=b"nn.py"):
    """A zip of `adapters.py`'s content under that name and one more entry with a raw deflate stream."""
    body, directory = b"", b""
    plain = zlib.compressobj(9, zlib.DEFLATED, -15)
    small = plain.compress(ADAPTERS) + plain.flush()
    for entry, packed, size, crc in (
        (b"adapters.py", small, len(ADAPTERS), zlib.crc32(ADAPTERS)),
        (name, stream, claimed, 0),
    ):
        fields = (20, 0, 8, 0, 0x21, crc, len(packed), size, len(entry), 0)
        local = struct.pack("<4sHHHHHLLLHH", b"PK\3\4", *fields) + entry
        directory += struct.pack("<4sHHHHHHLLLHHHHHLL", b"PK\1\2", 20, *fields, 0, 0, 0, 0, len(body)) + entry
        body += local + packed
    return body + directory + struct.pack("<4sHHHHLLH", b"PK\5\6", 0, 0, 2, 2, len(directory), len(body), 0)


@pytest.mark.parametrize("claimed", [10, 30 * MB, 4_000_000_000])
def test_a_10_gb_bomb_in_a_zip_is_stopped_early(tmp_path, refusal, bomb, claimed):
    path = tmp_path / "quill.zip"
    path.write_bytes(zip_of(bomb, claimed=claimed))
    assert "'nn.py'" in refusal(path)
    assert sum(p.stat().st_size for p in tmp_path.rglob("nn.py")) <= 33 * MB


def test_a_10_gb_bomb_in_a_tar_is_stopped_early(tmp_path, refusal, bomb):
    info = tarfile.TarInfo("nn.py")
    info.size = 10_000 * MB
    head = zlib.compressobj(9, zlib.DEFLATED, -15)
    start = head.compress(info.tobuf(tarfile.GNU_FORMAT)) + head.flush(zlib.Z_FULL_FLUSH)
    path = tmp_path / "quill.tar.gz"
    path.write_bytes(b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + start + bomb + bytes(8))
    assert "holds more than 256 MB" in refusal(path)


def test_a_steep_ratio_is_refused_below_the_size_limits(make_zip, make_tar, refusal):
    assert "'nn.py' expands to more than 200 times" in refusal(make_zip(("nn.py", bytes(20 * MB))))
    assert "expands to more than 200 times" in refusal(make_tar(("nn.py", bytes(20 * MB))))


def test_an_honest_claim_of_too_much_is_refused_by_what_streams_out(folder, refusal):
    with (folder / "data.bin").open("wb") as file:
        file.truncate(33 * MB)
    assert "'data.bin' holds more than 32 MB" in refusal(folder)


def test_the_total_is_capped(folder, refusal):
    for part in range(3):
        with (folder / f"data{part}.bin").open("wb") as file:
            file.truncate(30 * MB)
    assert "holds too many bytes; expected at most 64 MB in all" in refusal(folder)


def test_the_number_of_files_is_capped(tmp_path, make_tar, refusal, opened):
    caps = Caps(files=50)
    assert opened(make_tar(*((f"f{i}.py", b"") for i in range(49))), caps)
    assert "too many files" in refusal(make_tar(*((f"f{i}.py", b"") for i in range(50))), caps)


def test_2001_files_are_too_many_by_default(make_zip, refusal):
    assert "too many files; expected at most 2000" in refusal(make_zip(*((f"f{i}.py", b"") for i in range(2000))))


def test_entries_that_are_left_out_count_too(make_zip, make_tar, refusal):
    entries = [(f".git/{i}", b"") for i in range(60)]
    caps = Caps(scanned_entries=50)
    assert "too many entries" in refusal(make_zip(*entries), caps)
    assert "too many entries" in refusal(make_tar(*entries), caps)


def test_a_zip_directory_too_long_to_hold_is_not_read(make_zip, refusal):
    path = make_zip(("nn.py", b""))
    data = path.read_bytes()
    at = data.rindex(b"PK\5\6")
    padded = data[:at] + bytes(9 * MB) + data[at:]
    at = padded.rindex(b"PK\5\6")
    size = len(padded) - 22 - struct.unpack_from("<L", padded, at + 16)[0]
    path.write_bytes(padded[: at + 12] + struct.pack("<L", size) + padded[at + 16 :])
    assert "has a header of" in refusal(path)


def test_a_tar_header_too_long_to_hold_is_not_read(make_tar, refusal):
    long = tarfile.TarInfo("nn.py")
    long.pax_headers = {"comment": "x" * 100_000}
    assert "has a header of" in refusal(make_tar((long, b""), format=tarfile.PAX_FORMAT))


def test_a_slow_hand_in_is_given_up(folder, refusal):
    assert "took more than 0 s to open" in refusal(folder, Caps(seconds=0.0))


# Zips that lie


def test_entries_that_share_bytes_are_refused(tmp_path, refusal):
    """Two entries of the directory that point at one stored file: the flat bomb."""
    data = zip_of(flat_bomb(MB), claimed=MB)
    entry = data.index(b"PK\1\2", data.index(b"PK\1\2") + 4)
    end = data.rindex(b"PK\5\6")
    again = data[entry:end].replace(b"nn.py", b"mm.py")
    tail = bytearray(data[end:])
    struct.pack_into("<HH", tail, 8, 3, 3)
    struct.pack_into("<L", tail, 12, struct.unpack_from("<L", tail, 12)[0] + len(again))
    path = tmp_path / "quill.zip"
    path.write_bytes(data[:end] + again + tail)
    assert "overlaps another entry" in refusal(path)


def test_an_encrypted_entry_is_refused(make_zip, refusal):
    path = make_zip(("nn.py", b"x"))
    data = bytearray(path.read_bytes())
    data[data.rindex(b"PK\1\2") + 8] |= 1
    path.write_bytes(data)
    assert refusal(path) == "quill.zip: 'nn.py' is encrypted; expected a zip without a password"


def test_a_method_that_could_ask_for_any_memory_is_refused(tmp_path, refusal):
    path = tmp_path / "quill.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("adapters.py", ADAPTERS)
    assert "is compressed by method 14; expected ordinary zip compression" in refusal(path)


@pytest.mark.parametrize(("offset", "value"), [(6, 1), (8, 0), (18, 9), (22, 9)])
def test_two_headers_that_differ_are_refused(make_zip, refusal, offset, value):
    path = make_zip(("nn.py", b"x" * 100))
    data = bytearray(path.read_bytes())
    data[data.rindex(b"PK\3\4") + offset] = value
    path.write_bytes(data)
    assert "is described differently by its two headers" in refusal(path)


def test_a_name_that_differs_in_the_local_header_is_refused(make_zip, refusal):
    path = make_zip(("nn.py", b"x"))
    data = path.read_bytes()
    path.write_bytes(data.replace(b"nn.py", b"mm.py", 1))
    assert "'nn.py' is described differently by its two headers" in refusal(path)


@pytest.mark.parametrize("claimed", [len(ADAPTERS) - 1, len(ADAPTERS) + 1, 0])
def test_a_size_that_is_a_lie_is_refused(tmp_path, refusal, claimed):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    (tmp_path / "quill.zip").write_bytes(zip_of(packer.compress(ADAPTERS) + packer.flush(), claimed=claimed))
    assert "'nn.py'" in refusal(tmp_path / "quill.zip")


def test_a_sparse_tar_member_is_refused(tmp_path, refusal):
    info = tarfile.TarInfo("nn.py")
    info.type = tarfile.GNUTYPE_SPARSE
    header = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    path = tmp_path / "quill.tar.gz"
    path.write_bytes(gzip.compress(bytes(header) + bytes(1024)))
    assert "'nn.py' is a sparse file" in refusal(path)


# Anything at all


@pytest.fixture(scope="module")
def honest(tmp_path_factory):
    """The bytes of an honest zip and of an honest tar.gz's tar."""
    packed, plain = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("adapters.py", ADAPTERS)
        archive.writestr("parts/nn.py", b"x = 1\n" * 50)
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name in ("adapters.py", "parts/größe.py", "x" * 150):
            info = tarfile.TarInfo(name)
            info.size = len(ADAPTERS)
            archive.addfile(info, io.BytesIO(ADAPTERS))
    return {".zip": packed.getvalue(), ".tar.gz": plain.getvalue()}


CHANGES = st.lists(st.tuples(st.integers(0, 5000), st.binary(max_size=12), st.integers(0, 12)), max_size=6)
fuzzed = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@fuzzed
@given(suffix=st.sampled_from([".zip", ".tar.gz"]), changes=CHANGES)
def test_changed_bytes_are_opened_or_refused_and_nothing_else(honest, suffix, changes):
    data = honest[suffix]
    for at, new, gone in changes:
        at %= len(data) + 1
        data = data[:at] + new + data[at + gone :]
    attempt("quill" + suffix, gzip.compress(data, 1) if suffix == ".tar.gz" else data)


@fuzzed
@given(suffix=st.sampled_from([".zip", ".tar.gz", ".tgz"]), data=st.binary(max_size=400))
def test_any_bytes_are_refused(suffix, data):
    attempt("quill" + suffix, data)


@fuzzed
@given(names=st.lists(st.text(max_size=12), max_size=5), kind=st.sampled_from([tarfile.REGTYPE, tarfile.DIRTYPE]))
def test_any_names_are_opened_inside_or_refused(names, kind):
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w:gz", compresslevel=1, errors="surrogatepass") as archive:
        for name in ("adapters.py", *names):
            archive.addfile(special(name, kind if name in names else tarfile.REGTYPE))
    attempt("quill.tar.gz", plain.getvalue())


def attempt(name, data):
    with tempfile.TemporaryDirectory() as scratch:
        source = Path(scratch, "in", name)
        source.parent.mkdir()
        source.write_bytes(data)
        message = ""
        try:
            handin = open_handin(source, NAME, Path(scratch, "opened"))
        except IntakeError as error:
            message = str(error)
        else:
            assert handin.folder.is_relative_to(Path(scratch, "opened"))
            assert not any(path.is_symlink() for path in Path(scratch, "opened").rglob("*"))
        assert message.isprintable()
        assert sorted(os.listdir(scratch)) in (["in", "opened"], ["in"])
        assert os.listdir(source.parent) == [name]


# Names of reports


def test_report_names_are_plain_distinct_and_never_reserved():
    sources = [
        "quill.zip",
        "quill.tar.gz",
        "Quill",
        "class.zip",
        "outcomes",
        "-rf.zip",
        "…",
        ".hidden",
        "größe.tgz",
    ]
    names = report_names([Path("submissions", source) for source in sources])
    assert names == [
        "quill",
        "quill-2",
        "Quill-3",
        "class-2",
        "outcomes-2",
        "rf",
        "handin",
        "hidden",
        "größe",
    ]


@given(st.lists(st.text(min_size=1, max_size=300), max_size=8))
def test_any_source_gets_a_name_that_is_one_short_file_name(sources):
    names = report_names([Path(source.replace("/", "_")) for source in sources])
    assert len({name.casefold() for name in names}) == len(sources)
    for name in names:
        assert name == Path(name).name
        assert len(f"{name}.json".encode()) < 200
        assert name.isprintable()
