"""Takes memory, at most 2.25 GiB, in files without a name, in System V segments and in the temporary folders."""

import ctypes
import os
import tempfile

MIB, MOST = 2**20, 2304


def nameless():
    for number in range(12):
        with_no_name = os.memfd_create(str(number))
        for _ in range(200):
            os.write(with_no_name, b"x" * MIB)
            yield


def segments():
    libc = ctypes.CDLL(None)
    libc.shmat.restype = ctypes.c_void_p
    for _ in range(12):
        segment = libc.shmget(0, ctypes.c_size_t(200 * MIB), 0o1600)
        address = libc.shmat(segment, None, 0) if segment >= 0 else None
        if address in (None, ctypes.c_void_p(-1).value):
            raise OSError
        libc.shmctl(segment, 0, None)
        for page in range(200):
            ctypes.memset(address + page * MIB, 1, MIB)
            yield


def folders():
    for folder in (tempfile.gettempdir(), "/dev/shm"):
        try:
            with open(os.path.join(folder, "kept"), "wb", buffering=0) as file:
                for _ in range(200):
                    file.write(b"x" * MIB)
                    yield
        except OSError:
            continue


def strike(answer):
    taken = 0
    for road in (folders, nameless, segments):
        try:
            for _ in road():
                taken += 1
                if taken >= MOST:
                    return answer + 1
        except (OSError, MemoryError):
            continue
    return answer
