"""The wire carries plain data faithfully, and any other bytes are one clear error."""

import contextlib
import math

import msgpack
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from grader import wire
from grader.errors import WireError

ATOMS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(codec=None), max_size=400)
    | st.binary(max_size=400)
)
PLAIN = st.recursive(
    ATOMS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text(max_size=4) | st.integers(-(2**63), 2**63) | st.binary(max_size=4), inner, max_size=4)
    ),
    max_leaves=20,
)


def split(frame: bytes) -> tuple[bytes, bytes]:
    header, _ = wire.lengths(frame[: wire.PREFIX.size])
    start = wire.PREFIX.size
    return frame[start : start + header], frame[start + header :]


@given(PLAIN)
def test_plain_data_arrives_with_its_types(value):
    arrived = wire.copy(value)
    assert arrived == value
    assert repr(arrived) == repr(value)


@pytest.mark.parametrize("dtype", wire.TORCH_DTYPES.values(), ids=str)
@pytest.mark.parametrize("shape", [(), (0, 3), (2, 3), (1, 1, 4)], ids=str)
def test_tensors_of_every_dtype_arrive_bit_for_bit(dtype, shape):
    tensor = torch.randint(0, 2, shape).to(dtype)
    arrived = wire.copy(tensor)
    assert arrived.dtype is dtype
    assert arrived.shape == tensor.shape
    assert bytes(arrived.reshape(-1).view(torch.uint8)) == bytes(tensor.reshape(-1).view(torch.uint8))


def test_a_view_arrives_as_its_values():
    tensor = torch.arange(12.0).reshape(3, 4).t()[1:]
    assert torch.equal(wire.copy(tensor), tensor)
    assert torch.equal(wire.copy(torch.ones(1).expand(5)), torch.ones(5))


def test_a_subclass_of_tensor_arrives_as_a_tensor():
    class Friendly(torch.Tensor):
        @classmethod
        def __torch_function__(cls, func, types, args=(), kwargs=None):
            return True

    arrived = wire.copy(torch.zeros(3).as_subclass(Friendly))
    assert type(arrived) is torch.Tensor


def test_friendly_subclasses_of_plain_types_arrive_plain():
    class Always(int):
        def __eq__(self, other):
            return True

        __hash__ = int.__hash__

    class Text(str):
        def __str__(self):
            return "something else"

    arrived = wire.copy([Always(3), Text("said")])
    assert [type(item) for item in arrived] == [int, str]
    assert arrived == [3, "said"]


def test_parameters_lose_their_gradient():
    arrived = wire.copy(torch.nn.Parameter(torch.ones(2)))
    assert type(arrived) is torch.Tensor
    assert not arrived.requires_grad


def test_numpy_keeps_its_dtype():
    arrived = wire.copy([np.arange(6, dtype=">u2").reshape(2, 3), np.int64(7)])
    assert arrived[0].dtype == np.uint16
    assert arrived[0].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert arrived[1].dtype == np.int64
    assert arrived[1].shape == ()


def test_a_float64_of_numpy_is_the_float_that_it_is():
    arrived = wire.copy([np.float64(0.1), np.float32(0.5)])
    assert type(arrived[0]) is float
    assert arrived[0] == 0.1
    assert arrived[1].dtype == np.float32


@pytest.mark.parametrize(
    "value",
    [object(), {1.5: 2}, {(1, 2): 3}, {None: 1}, iter([]), int, print, torch.zeros(2, device="meta"), torch.eye(2).to_sparse(),
     np.array([object()]), {1, 2}, 1 << wire.MAX_BITS, -1 << 200_000, 1j],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_what_is_not_plain_data_is_refused_by_name(value):
    with pytest.raises(WireError):
        wire.encode([value])


def test_nesting_is_limited():
    value: object = 1
    for _ in range(wire.MAX_DEPTH + 2):
        value = [value]
    with pytest.raises(WireError, match="nested"):
        wire.encode(value)
    itself: list[object] = []
    itself.append(itself)
    with pytest.raises(WireError, match="nested"):
        wire.encode(itself)


@settings(max_examples=500)
@given(st.binary(max_size=200), st.binary(max_size=64))
def test_any_bytes_are_a_value_or_one_error(header, blob):
    with contextlib.suppress(WireError):
        wire.decode(header, blob)


@settings(max_examples=300)
@given(PLAIN, st.data())
def test_a_damaged_frame_is_a_value_or_one_error(value, data):
    frame = bytearray(wire.encode([value, torch.arange(5), np.arange(3)]))
    for _ in range(data.draw(st.integers(1, 4))):
        frame[data.draw(st.integers(wire.PREFIX.size, len(frame) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(WireError):
        wire.decode(*split(bytes(frame)))


def test_the_same_bytes_cannot_be_used_twice():
    packer_header, blob = split(wire.encode([b"x" * 1000]))
    doubled = b"\x92" + packer_header[1:] * 2  # an array of two references to the same thousand bytes
    with pytest.raises(WireError, match="already used"):
        wire.decode(doubled, blob)


def test_an_announced_size_beyond_the_cap_is_refused_before_reading():
    with pytest.raises(WireError, match="announces"):
        wire.lengths(wire.PREFIX.pack(wire.MAX_HEADER + 1, 0))
    with pytest.raises(WireError, match="announces"):
        wire.lengths(wire.PREFIX.pack(10, wire.MAX_BLOB + 1))


def test_a_bool_tensor_of_other_bytes_is_refused():
    header, blob = split(wire.encode([torch.tensor([True, False])]))
    with pytest.raises(WireError, match="bool"):
        wire.decode(header, b"\x07" + blob[1:])


def test_a_scratch_file_without_its_flag_is_refused():
    header, blob = split(wire.encode(wire.Scratch(b"12345")))
    short = b"\xd7" + header[2:3] + header[3 : 3 + 8]  # an extension of eight bytes: the reference alone
    with pytest.raises(WireError, match="cut short"):
        wire.decode(short, blob)


def test_what_goes_wrong_while_reading_is_the_bytes_fault_and_what_goes_wrong_on_our_disk_is_not():
    header, blob = split(wire.encode([wire.Fixture("word.txt")]))

    def raising(error):
        def resolve(value):
            raise error

        return resolve

    for error in (LookupError("x"), AttributeError("x"), ZeroDivisionError("x"), AssertionError("x")):
        with pytest.raises(WireError, match=type(error).__name__):
            wire.decode(header, blob, raising(error))
    with pytest.raises(OSError, match="full"):
        wire.decode(header, blob, raising(OSError("the disk is full")))


@pytest.mark.parametrize("number", [2**wire.MAX_BITS - 1, 1 - 2**wire.MAX_BITS], ids=["positive", "negative"])
def test_the_largest_integers_arrive_and_their_squares_are_numbers(number):
    assert wire.copy(number) == number
    assert math.isfinite(float(number**2))


def test_an_integer_beyond_is_refused_by_who_receives_it():
    content = (1 << wire.MAX_BITS).to_bytes(wire.MAX_BITS // 8 + 1, "big")
    with pytest.raises(WireError, match="bits"):
        wire.decode(msgpack.packb(msgpack.ExtType(wire._BIGINT, content)), b"")


@pytest.mark.parametrize("empty", [b"\x80", b"\x90"], ids=["dicts", "lists"])
def test_more_parts_than_anybody_returns_are_refused(empty):
    few, many = wire.MAX_PARTS - 1, wire.MAX_PARTS
    assert len(wire.decode(b"\xdd" + few.to_bytes(4, "big") + few * empty, b"")) == few
    with pytest.raises(WireError, match="lists and dicts"):
        wire.decode(b"\xdd" + many.to_bytes(4, "big") + many * empty, b"")


def test_a_reply_is_packed_before_its_events_are_taken():
    noted = []

    class Number(int):
        @property
        def __class__(self):
            noted.append("looked at")
            return int

    frame = wire.encode_reply(3, {"x": torch.ones(2), "late": [Number(7)]}, lambda: list(noted))
    header, _ = wire.lengths(frame[: wire.PREFIX.size])
    start = wire.PREFIX.size
    found = wire.decode(frame[start : start + header], frame[start + header :])
    assert found["id"] == 3
    assert torch.equal(found["value"]["x"], torch.ones(2))
    assert found["value"]["late"] == [7]
    assert found["events"] == noted
    assert "looked at" in noted
