"""What the filter of system calls says, worked out by a small interpreter of its program for each kind of machine."""

import errno

import pytest

from grader.sandbox.inside.seccomp import (
    ABSENT,
    ALLOW,
    ANY_BIT,
    ARCHITECTURE,
    AT_LEAST,
    CLONE,
    DENIED,
    EQUAL,
    FAMILIES,
    FIRST_ARGUMENT,
    KILL,
    LOAD,
    MACHINES,
    NAMESPACES,
    NUMBER,
    REFUSE,
    RETURN,
    SOCKET,
    program,
)

PLACES = {machine: place for machine, (_, place) in MACHINES.items()}


@pytest.fixture(params=MACHINES)
def machine(request):
    return request.param


def answer(machine: str, number: int, first: int = 0, architecture: int | None = None) -> int:
    """What the kernel would do with system call `number` whose first argument is `first`."""
    shown = {NUMBER: number, ARCHITECTURE: architecture or MACHINES[machine][0], FIRST_ARGUMENT: first}
    code, at, register = program(machine), 0, 0
    while True:
        kind, if_so, if_not, value = code[at]
        at += 1
        if kind == RETURN:
            return value
        if kind == LOAD:
            register = shown[value]
        else:
            holds = {EQUAL: register == value, AT_LEAST: register >= value, ANY_BIT: bool(register & value)}[kind]
            at += if_so if holds else if_not


@pytest.mark.parametrize("name", DENIED)
def test_what_is_denied_is_refused(machine, name):
    number = DENIED[name][PLACES[machine]]
    if number is not None:
        assert answer(machine, number) == REFUSE | errno.EPERM


@pytest.mark.parametrize("name", ABSENT)
def test_what_cannot_be_filtered_is_absent(machine, name):
    assert answer(machine, ABSENT[name][PLACES[machine]]) == REFUSE | errno.ENOSYS


def test_everything_else_is_allowed(machine):
    place = PLACES[machine]
    named = {numbers[place] for table in (DENIED, ABSENT) for numbers in table.values()} | {SOCKET[place]}
    for number in set(range(470)) - named:
        assert answer(machine, number) == ALLOW, number


@pytest.mark.parametrize("flag", [bit for bit in (1 << n for n in range(32)) if bit & NAMESPACES])
def test_clone_makes_no_namespace(machine, flag):
    number = CLONE[PLACES[machine]]
    assert answer(machine, number, 17) == ALLOW
    assert answer(machine, number, 17 | flag) == REFUSE | errno.EPERM


@pytest.mark.parametrize("family", range(48))
def test_sockets_of_usual_families_only(machine, family):
    expected = ALLOW if family in FAMILIES else REFUSE | errno.EPERM
    assert answer(machine, SOCKET[PLACES[machine]], family) == expected


def test_another_machines_calls_end_the_process(machine):
    assert answer(machine, 0, architecture=0x40000003) == KILL


def test_calls_with_short_pointers_are_absent():
    assert answer("x86_64", 0x40000000 + 39) == REFUSE | errno.ENOSYS
