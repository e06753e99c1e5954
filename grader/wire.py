"""The wire: plain data, and nothing else, between the judge and a worker.

A frame is `header length, blob length` (two big-endian 32-bit numbers), a msgpack header, and one blob that holds
the raw bytes of every tensor, array and long string in the header, by offset. What can travel: None, bool, int, float,
str, bytes, list, tuple, dict (keys str, int or bytes), torch tensors and numpy arrays (dtype name, shape, bytes),
paths under an assignment's `tests/fixtures` and scratch files (bytes that the worker writes to a file of its own).

Covered: no pickle and no code on the wire, sizes and nesting capped before anything is built, tensors rebuilt by the
receiver from checked dtype, shape and length, so that no subclass, view, stride or hook of the sender arrives.
Not covered: what a value means; `grader.contract` checks that against the adapter's annotation.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgpack
import numpy as np
import torch

from grader.errors import WireError

PREFIX = struct.Struct(">II")
MAX_HEADER = 16 * 2**20
MAX_BLOB = 256 * 2**20
MAX_DEPTH = 24
MAX_PARTS = 2**18
"""Lists, tuples and dicts in one value."""
MAX_BITS = 496
"""Of an integer: its square still is a float, and it can be written out in digits, whatever a test does with it."""
LONG = 256  # bytes from which a str or bytes value moves to the blob

_TUPLE, _TENSOR, _ARRAY, _BIGINT, _FIXTURE, _SCRATCH, _BYTES, _TEXT = range(1, 9)
_MARK = msgpack.ExtType(_TUPLE, b"")
_REFERENCE = struct.Struct(">II")
_ATOMS = frozenset({int, float, bool, type(None)})

TORCH_DTYPES: dict[str, torch.dtype] = {
    str(dtype).removeprefix("torch."): dtype
    for dtype in (
        torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.float8_e4m3fn, torch.float8_e5m2,
        torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.uint16, torch.uint32, torch.uint64,
        torch.bool, torch.complex64, torch.complex128,
    )
}  # fmt: skip
NUMPY_DTYPES = frozenset(
    [
        "float64",
        "float32",
        "float16",
        "int64",
        "int32",
        "int16",
        "int8",
        "uint8",
        "uint16",
        "uint32",
        "uint64",
        "bool",
        "complex64",
        "complex128",
    ]
)


@dataclass(frozen=True)
class Fixture:
    """A file under `tests/fixtures`, named relative to it: the receiver finds its own copy."""

    name: str


@dataclass(frozen=True)
class Scratch:
    """A file to be: the receiver writes the bytes to a fresh file and hands its path on, as `str` or as `Path`."""

    content: bytes
    suffix: str = ".txt"
    as_path: bool = False


Resolve = Callable[[Fixture | Scratch], Any]


def keep(value: Fixture | Scratch) -> Any:
    """Leave files unresolved (what a receiver without files of its own does)."""
    return value


def encode(value: Any, max_blob: int = MAX_BLOB) -> bytes:
    """One frame for `value`.

    Raises:
        WireError: the value is not plain data; the message says which part and its type.
    """
    packer = _Packer(max_blob)
    return _frame(packer, packer.pack(value, 0))


def encode_reply(number: int, value: Any, events: Callable[[], list[Any]]) -> bytes:
    """One frame for the reply to call `number`: what it returned, and the `events` until that was packed.

    A value may have code of its own that runs while it is packed.

    Raises:
        WireError: as for `encode`.
    """
    packer = _Packer(MAX_BLOB)
    packed = packer.pack(value, 1)
    return _frame(packer, packer.pack({"id": number, "events": events()}, 0) | {"value": packed})


def _frame(packer: "_Packer", packed: Any) -> bytes:
    header = msgpack.packb(packed, use_bin_type=True)
    if len(header) > MAX_HEADER:
        raise WireError(f"the value has too many parts: {len(header)} bytes of structure; at most {MAX_HEADER}")
    return b"".join([PREFIX.pack(len(header), packer.size), header, *packer.blobs])


def lengths(prefix: bytes, max_blob: int = MAX_BLOB) -> tuple[int, int]:
    """The two lengths at the start of a frame, checked against the caps.

    Raises:
        WireError: they exceed the caps.
    """
    header, blob = PREFIX.unpack(prefix)
    if header > MAX_HEADER or blob > max_blob:
        raise WireError(f"a frame announces {header} + {blob} bytes; at most {MAX_HEADER} + {max_blob}")
    return header, blob


def decode(header: bytes, blob: bytes | memoryview, resolve: Resolve = keep) -> Any:
    """The value of a frame's header and blob.

    Raises:
        WireError: for any bytes that `encode` cannot have produced.
    """
    count = _Counter()
    try:
        raw = msgpack.unpackb(
            header, raw=False, strict_map_key=False, ext_hook=_Extension, max_ext_len=2**16,
            max_array_len=MAX_HEADER, max_map_len=MAX_HEADER, list_hook=count, object_hook=count,
        )  # fmt: skip
        return _Unpacker(memoryview(blob), resolve).unpack(raw, 0)
    except (WireError, OSError):  # an OSError is of our own disk, where a file is resolved
        raise
    except Exception as error:  # what else goes wrong in reading a stranger's bytes is the bytes' fault
        raise WireError(f"malformed frame: {type(error).__name__}: {str(error)[:200]}") from None


def copy(value: Any, resolve: Resolve = keep) -> Any:
    """What would arrive at the other end: the value without identity, aliases, classes or gradients."""
    frame = memoryview(encode(value))
    header, _ = lengths(bytes(frame[: PREFIX.size]))
    start = PREFIX.size
    return decode(bytes(frame[start : start + header]), frame[start + header :], resolve)


class _Packer:
    def __init__(self, max_blob: int) -> None:
        self.blobs: list[bytes | memoryview] = []
        self.size = 0
        self.max_blob = max_blob

    def _store(self, content: bytes | memoryview) -> bytes:
        offset, length = self.size, len(content)
        self.size += length
        if self.size > self.max_blob:
            raise WireError(f"the value holds more than {self.max_blob} bytes of data")
        self.blobs.append(content)
        return _REFERENCE.pack(offset, length)

    def _array(self, code: int, dtype: str, shape: tuple[int, ...], content: bytes | memoryview) -> Any:
        head = msgpack.packb([dtype, list(shape)])
        return msgpack.ExtType(code, self._store(content) + head)

    def pack(self, value: Any, depth: int) -> Any:
        """`value` as what msgpack packs; subclasses of plain types are reduced to the plain type."""
        if depth > MAX_DEPTH:
            raise WireError(f"the value is nested more than {MAX_DEPTH} deep")
        if value is None or value is True or value is False:
            return value
        if isinstance(value, torch.Tensor):
            # A subclass's own hooks have no say in what is sent; what they do all the same may be watched. Others have none.
            exact = type(value) in (torch.Tensor, torch.nn.Parameter)
            with torch._C.DisableTorchFunction() if exact else torch._C.DisableTorchFunctionSubclass():
                return self._tensor(value)
        if isinstance(value, float):  # numpy's float64 is one, too
            return float.__float__(value)
        if isinstance(value, np.ndarray | np.generic):
            return self._numpy(np.asarray(value))
        if isinstance(value, int):
            return self._int(int.__int__(value))
        if isinstance(value, str):
            text = str.__str__(value)
            content = text.encode("utf-8", "surrogatepass")
            plain = len(content) < LONG and len(content) == len(text)
            return text if plain else msgpack.ExtType(_TEXT, self._store(content))
        if isinstance(value, bytes | bytearray):
            content = bytes(value)
            return content if len(content) < LONG else msgpack.ExtType(_BYTES, self._store(content))
        if isinstance(value, Fixture):
            return msgpack.ExtType(_FIXTURE, value.name.encode())
        if isinstance(value, Scratch):
            return msgpack.ExtType(
                _SCRATCH, self._store(value.content) + bytes([value.as_path]) + value.suffix.encode()
            )
        if isinstance(value, tuple):
            return [_MARK, *(self.pack(item, depth + 1) for item in tuple.__iter__(value))]
        if isinstance(value, list):
            # Token ids come by the million: a list of plain numbers is packed as it stands.
            if set(map(type, list.__iter__(value))) <= _ATOMS and all(
                -(2**63) <= n < 2**64 for n in value if type(n) is int
            ):
                return list(value)
            return [self.pack(item, depth + 1) for item in list.__iter__(value)]
        if isinstance(value, dict):
            return {self._key(key): self.pack(item, depth + 1) for key, item in dict.items(value)}
        raise WireError(f"a value of type {type(value).__name__} is not plain data")

    def _key(self, key: Any) -> Any:
        if isinstance(key, bool) or not isinstance(key, int | str | bytes):
            raise WireError(f"a dict key of type {type(key).__name__}; expected str, int or bytes")
        if isinstance(key, int):
            if not -(2**63) <= key < 2**64:
                raise WireError("a dict key beyond 64 bits")
            return int.__int__(key)
        return bytes(key) if isinstance(key, bytes) else str.__str__(key)

    def _int(self, number: int) -> Any:
        if -(2**63) <= number < 2**64:
            return number
        _limited(number)
        size = number.bit_length() // 8 + 1
        return msgpack.ExtType(_BIGINT, number.to_bytes(size, "big", signed=True))

    def _tensor(self, tensor: torch.Tensor) -> Any:
        name = str(tensor.dtype).removeprefix("torch.")
        if name not in TORCH_DTYPES or tensor.layout is not torch.strided:
            raise WireError(
                f"a {tensor.layout} tensor of dtype {tensor.dtype} cannot be returned; expected a dense one"
            )
        if tensor.device.type == "meta":
            raise WireError("a tensor on device 'meta' has no values to return")
        plain = (
            torch.Tensor.as_subclass(torch.Tensor.detach(tensor), torch.Tensor)
            .resolve_conj()
            .resolve_neg()
            .cpu()
            .contiguous()
        )
        content = memoryview(plain.reshape(-1).view(torch.uint8).numpy().data) if plain.numel() else b""
        return self._array(_TENSOR, name, tuple(plain.shape), content)

    def _numpy(self, array: "np.ndarray[Any, Any]") -> Any:
        if array.dtype.name not in NUMPY_DTYPES:
            raise WireError(f"a numpy array of dtype {array.dtype} is not plain data")
        plain = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("="))
        return self._array(_ARRAY, array.dtype.name, array.shape, plain.tobytes())


def _limited(number: int) -> int:
    if number.bit_length() > MAX_BITS:
        raise WireError(f"an integer of {number.bit_length()} bits; at most {MAX_BITS}")
    return number


class _Counter:
    """Counts lists and dicts while they are read: an empty one takes one byte on the wire, and a hundred here."""

    def __init__(self) -> None:
        self._left = MAX_PARTS

    def __call__(self, part: Any) -> Any:
        self._left -= 1
        if self._left < 0:
            raise WireError(f"a value of more than {MAX_PARTS} lists and dicts")
        return part


@dataclass(frozen=True)
class _Extension:
    code: int
    content: bytes


class _Unpacker:
    def __init__(self, blob: memoryview, resolve: Resolve) -> None:
        self.blob = blob
        self.left = len(blob)  # every byte of the blob is used once: no amplification by pointing at it twice
        self.resolve = resolve

    def unpack(self, raw: Any, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise WireError(f"a value nested more than {MAX_DEPTH} deep")
        if isinstance(raw, _Extension):
            return self._extension(raw)
        if isinstance(raw, list):
            if raw and isinstance(raw[0], _Extension) and raw[0].code == _TUPLE:
                return tuple(self.unpack(item, depth + 1) for item in raw[1:])
            if set(map(type, raw)) <= _ATOMS:
                return raw
            return [self.unpack(item, depth + 1) for item in raw]
        if isinstance(raw, dict):
            for key in raw:
                if type(key) not in (str, int, bytes):
                    raise WireError(f"a dict key of type {type(key).__name__}")
            return {key: self.unpack(item, depth + 1) for key, item in raw.items()}
        if raw is None or type(raw) in (bool, int, float, str, bytes):
            return raw
        raise WireError(f"a value of type {type(raw).__name__}")

    def _extension(self, extension: _Extension) -> Any:
        code, content = extension.code, extension.content
        if code == _BIGINT:
            return _limited(int.from_bytes(content, "big", signed=True))
        if code == _FIXTURE:
            return self.resolve(Fixture(content.decode()))
        if code == _BYTES:
            return bytes(self._slice(content))
        if code == _TEXT:
            return bytes(self._slice(content)).decode("utf-8", "surrogatepass")
        if code == _SCRATCH:
            data = bytes(self._slice(content))
            if len(content) == _REFERENCE.size:
                raise WireError("a scratch file is cut short")
            flag, suffix = content[_REFERENCE.size], content[_REFERENCE.size + 1 :].decode()
            return self.resolve(Scratch(data, suffix, bool(flag)))
        if code in (_TENSOR, _ARRAY):
            return self._array(code, self._slice(content), content[_REFERENCE.size :])
        raise WireError(f"unknown extension {code}")

    def _slice(self, content: bytes) -> memoryview:
        if len(content) < _REFERENCE.size:
            raise WireError("a reference into the blob is cut short")
        offset, length = _REFERENCE.unpack(content[: _REFERENCE.size])
        self.left -= length
        if offset + length > len(self.blob) or self.left < 0:
            raise WireError("a reference points beyond the blob, or at bytes already used")
        return self.blob[offset : offset + length]

    def _array(self, code: int, content: memoryview, head: bytes) -> Any:
        dtype, shape = msgpack.unpackb(head, max_array_len=64)
        if type(dtype) is not str or type(shape) is not list or any(type(n) is not int or n < 0 for n in shape):
            raise WireError("an array's head is not [dtype, [shape]]")
        known = TORCH_DTYPES if code == _TENSOR else NUMPY_DTYPES
        if dtype not in known:
            raise WireError(f"unknown dtype {dtype[:40]!r}")
        size = TORCH_DTYPES[dtype].itemsize if code == _TENSOR else np.dtype(dtype).itemsize
        count = 1
        for extent in shape:
            count *= extent
        if count * size != len(content) or len(shape) > 32 or any(n >= 2**48 for n in shape):
            raise WireError(f"an array of shape {shape[:8]} and dtype {dtype} comes with {len(content)} bytes")
        data = np.frombuffer(content, dtype=np.uint8).copy()
        if dtype == "bool" and count and int(data.max()) > 1:
            raise WireError("a bool array holds bytes other than 0 and 1")
        if code == _ARRAY:
            return data.view(dtype).reshape(shape)
        if not count:
            return torch.empty(shape, dtype=TORCH_DTYPES[dtype])
        return torch.from_numpy(data).view(TORCH_DTYPES[dtype]).reshape(shape)
