"""The run-time guard: sees what a student's code uses while it runs, where reading the source does not tell.

Runs in the worker, beside the code it watches, and imports nothing but torch and the standard library. It takes
notes, changes no result and stops nothing. A note is (dotted name, file, line): what was used, and the
innermost line of the hand-in that led to it; what staff's code does itself is not noted.

Seen, in code called within `with guard:`

- functions of torch by whatever name, methods of tensors, operators called by `torch.ops`;
- what Python code of torch does, by the function that was called: `clip_grad_norm_`, `torch.optim.adamw.adamw`;
- all of this in backward passes (`autograd.Function.backward`, hooks) and in threads started meanwhile, be it that
  no line of the hand-in runs there (`pool.submit(torch.softmax, ...)`);
- classes of torch that are built, and classes that inherit from them, be it by `type(...)`;
- forbidden packages when they are imported.

Not seen: other processes; what `torch.compile` has compiled (the worker turns it off); functions that take no
tensor and build no module; a function that an allowed name stands for, too (`F.conv1d` is `torch.conv1d`); what
runs under `torch._C.DisableTorchFunction`; code that looks for the guard, to stop it or to take its notes away.
The source check forbids the ways there by name. The notes are evidence for a reader; nothing is safe because of
them.
"""

import _thread
import functools
import importlib.abc
import importlib.machinery
import re
import sys
import threading
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType, ModuleType, TracebackType
from typing import Any, ClassVar

import torch
import torch.optim.lr_scheduler
from torch.overrides import TorchFunctionMode

Event = tuple[str, str, int]
"""What was used, by its dotted name; the file relative to the assignment's folder; the line."""

NOWHERE = ("adapters.py", 0)
"""The place of what an adapter gave away and no line of the hand-in used."""

MOST_EVENTS = 100
NAMESPACES = (
    *("torch.nn.functional", "torch", "torch.Tensor", "torch.nn.init", "torch.special", "torch.linalg"),
    *("torch.fft", "torch.sparse", "torch.masked", "torch._C._nn", "torch.functional"),
)
"""Where functions get their names from."""

INNER = ("torch.ops.", "torch._C.")
"""What torch's own Python code calls on its way to something else; it counts where the hand-in calls it."""

BASES: tuple[type, ...] = (torch.nn.Module, torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler)
"""Classes whose making and inheriting is noted where it is one of torch's forbidden heirs."""

STACK: Any = torch.overrides
AUTOGRAD: Any = torch.autograd
"""Modules of which private names are needed; tests hold that they are there."""

FOREIGN, STUDENT, STAFF, END = "foreign", "student", "staff", "end"


class Guard:
    """Watches the code in `package`, the assignment's folder as the worker sees it.

    `rules` are what `Policy.for_guard()` gives: regular expressions for `allowed`, `forbidden` and `imports`.
    `staff_owned` are the top-level names in the folder that are not the student's.

    Leaving it leaves nothing of it in torch. It may be entered again, and within itself.
    """

    def __init__(
        self, package: Path, rules: Mapping[str, str], staff_owned: Sequence[str] = ("drivers.py", "drivers", "tests")
    ) -> None:
        self._prefixes = tuple({f"{package.absolute()}/", f"{package.resolve()}/"})
        self._staff = frozenset(staff_owned)
        self._rules = {name: re.compile(rules[name], re.DOTALL) for name in ("allowed", "forbidden", "imports")}
        self.kinds: dict[str, str] = {}
        self._events: dict[Event, None] = {}
        self._places: set[tuple[str, int]] = set()
        self._classes: dict[int, tuple[type, str | None]] = {}
        self._entries: dict[tuple[str, str], str | None] = {}
        self._mode = _Mode(self)
        self._depth = 0
        self._undo: list[Callable[[], None]] = []
        self.functions: dict[Any, str | None] = {}

    def events(self) -> list[Event]:
        """What was noted since this was last asked, each thing once."""
        found = list(self._events)
        self._events.clear()
        self._places.clear()
        return found

    def __enter__(self) -> "Guard":
        self._depth += 1
        if self._depth == 1:
            self._undo = list(_patched(self, self._mode))
            self._mode.enter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._depth -= 1
        if self._depth == 0:
            self._mode.leave()
            for undo in reversed(self._undo):
                undo()

    # What is noted

    def note_unowned(self, name: str) -> None:
        """Note that what an adapter gave away was used where no line of the hand-in is running: in a pool's thread, say."""
        self._note(name, NOWHERE)

    def note(self, name: str, frame: FrameType, unless_noted: bool = False) -> None:
        """Note that the code at `frame` used `name`, maybe only where nothing is noted for this line."""
        place = self._relative(frame.f_code.co_filename), frame.f_lineno
        if not (unless_noted and place in self._places):
            self._note(name, place)

    def _note(self, name: str, place: tuple[str, int]) -> None:
        if len(self._events) < MOST_EVENTS:
            self._events[name, *place] = None
            self._places.add(place)

    def note_class(self, cls: type, frame: FrameType) -> None:
        """Note that the code at `frame` made an object of `cls`, or `cls` itself, where that is forbidden.

        Staff's code may use what is forbidden. A class that it does not name itself came from an adapter.
        """
        name = self.forbidden_class(cls)
        if name is None:
            return
        kind, whose, _ = self.origin(frame)
        if kind is STUDENT and whose is not None:
            self.note(name, whose)
        elif kind is FOREIGN or (
            kind is STAFF and whose is not None and name.rpartition(".")[2] not in whose.f_code.co_names
        ):
            self.note_unowned(name)

    def caller(self, frame: FrameType | None) -> tuple[FrameType, FrameType | None] | None:
        """The student's frame that led to `frame`, and the function it called, if that is not `frame` itself.

        None where staff's code lies between, or an import: what a library does while it is imported is not the
        act of the one who imports it. Wrappers of decorators are not taken for the function.
        """
        kind, student, called = self.origin(frame)
        return (student, called) if kind is STUDENT and student is not None else None

    def origin(self, frame: FrameType | None) -> tuple[str, FrameType | None, FrameType | None]:
        """Whose code led to `frame`, and `caller`'s frames. FOREIGN where it was nobody's but libraries'."""
        called = None
        while frame is not None:
            code = frame.f_code
            kind = self.kinds.get(code.co_filename) or self._kind(code.co_filename)
            if kind is not FOREIGN:
                return kind, frame, called
            if called is None or "<locals>" not in code.co_qualname:
                called = frame
            frame = frame.f_back
        return FOREIGN, None, called

    def place(self, frame: FrameType) -> tuple[str, int, bool] | None:
        """The student's file and line that led to `frame`, and whether they are its own; None as in `caller`."""
        found = self.caller(frame)
        if found is None:
            return None
        student, called = found
        return self._relative(student.f_code.co_filename), student.f_lineno, called is None

    def _kind(self, filename: str) -> str:
        kind = FOREIGN
        if filename.startswith("<frozen importlib"):
            kind = END
        for prefix in self._prefixes:
            if filename.startswith(prefix):
                kind = STAFF if self._relative(filename).split("/")[0] in self._staff else STUDENT
        self.kinds[filename] = kind
        return kind

    def _relative(self, filename: str) -> str:
        for prefix in self._prefixes:
            if filename.startswith(prefix):
                return filename.removeprefix(prefix)
        return filename

    # What is forbidden

    def forbids(self, name: str) -> bool:
        """Whether the policy forbids what is called `name`."""
        return not self._rules["allowed"].fullmatch(name) and bool(self._rules["forbidden"].fullmatch(name))

    def forbids_import(self, module: str) -> bool:
        """Whether the policy forbids importing `module`."""
        return bool(self._rules["imports"].fullmatch(module))

    def forbidden_class(self, cls: type) -> str | None:
        """The forbidden class of torch that `cls` is or inherits from."""
        if id(cls) not in self._classes:  # a metaclass may have made `cls` itself unfit for a key
            found = next(filter(None, map(self._forbidden_name, type.mro(cls))), None)
            self._classes[id(cls)] = (cls, found)
        return self._classes[id(cls)][1]

    def _forbidden_name(self, cls: type) -> str | None:
        if not str(cls.__module__).startswith("torch."):
            return None
        for home in (torch.nn, torch.optim, torch.optim.lr_scheduler):
            if getattr(home, cls.__name__, None) is cls:
                name = f"{home.__name__}.{cls.__name__}"
                return name if self.forbids(name) else None
        name = f"{cls.__module__}.{cls.__qualname__}"
        return name if self.forbids(name) else None

    def forbidden_entry(self, frame: FrameType) -> str | None:
        """The name of the function running at `frame`, where it is torch's and forbidden."""
        code = frame.f_code
        key = (code.co_filename, code.co_qualname)  # code objects themselves are slow to hash
        if key not in self._entries:
            name = f"{frame.f_globals.get('__name__', '')}.{code.co_qualname}"
            self._entries[key] = name if name.startswith("torch.") and self.forbids(name) else None
        return self._entries[key]

    def function(self, function: Any) -> str | None:
        """The name of a function or operator, if the policy allows none of its names."""
        if function not in self.functions:
            names = NAMES.get(function, [])
            if isinstance(function, torch._ops.OpOverload | torch._ops.OpOverloadPacket):
                names = [f"torch.ops.{function}"]
            forbidden = bool(names) and all(map(self.forbids, names))
            self.functions[function] = names[0] if forbidden else None
        return self.functions[function]


def _named_functions() -> dict[Any, list[str]]:
    """Every function in torch's namespaces, and its names; the one that documents use comes first."""
    names: dict[Any, list[str]] = {}
    for namespace in NAMESPACES:
        holder: Any = torch
        for part in namespace.split(".")[1:]:
            holder = getattr(holder, part)
        homes = holder.__mro__[:-1] if isinstance(holder, type) else (holder,)  # methods are those of `TensorBase`
        for name, value in (item for home in homes for item in vars(home).items()):
            if callable(value) and isinstance(value, Hashable) and not isinstance(value, type | ModuleType):
                names.setdefault(value, []).append(f"{namespace}.{name}")
    return names


NAMES: Mapping[Any, list[str]] = _named_functions()


class _Mode(TorchFunctionMode):
    """Sees each call of a function of torch, and passes it on."""

    HANDLER: ClassVar[CodeType] = torch.overrides.handle_torch_function.__code__

    def __init__(self, guard: Guard) -> None:
        super().__init__()
        self.guard = guard

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        guard = self.guard
        try:
            name = guard.functions[func]
        except KeyError:
            name = guard.function(func)
        except TypeError:
            name = None
        frame = sys._getframe(1)
        if name is not None or guard.kinds.get(frame.f_code.co_filename) is not STUDENT:
            self._look(name, frame)
        return func(*args, **kwargs) if kwargs else func(*args)

    def _look(self, name: str | None, frame: FrameType) -> None:
        kind, student, called = self.guard.origin(frame)
        if kind is FOREIGN and (name := name or self._entered(frame)) is not None:
            self.guard.note_unowned(name)
        if kind is not STUDENT or student is None:
            return
        direct = called is None or called.f_code.co_filename == torch._ops.__file__
        if name is not None and (direct or not name.startswith(INNER)):
            self.guard.note(name, student)
        elif called is not None and called.f_code is not self.HANDLER:
            name = self.guard.forbidden_entry(called)
            if name is not None:
                self.guard.note(name, student, unless_noted=True)

    def _entered(self, frame: FrameType | None) -> str | None:
        """The outermost forbidden function of torch that led to `frame`, but for wrappers of decorators."""
        name = None
        while frame is not None:
            if "<locals>" not in frame.f_code.co_qualname:
                name = self.guard.forbidden_entry(frame) or name
            frame = frame.f_back
        return name

    @contextmanager
    def again(self) -> Iterator[None]:
        """Watch code that runs within a call that is being passed on, as backward passes do."""
        if self in STACK._get_current_function_mode_stack():
            yield
        else:
            with self:
                yield

    def enter(self) -> None:
        """Come to the top of the stack of modes."""
        STACK._push_mode(self)

    def leave(self) -> None:
        """Leave the stack of modes, wherever in it the student's code has left this one."""
        above = []
        while STACK._len_torch_function_stack():
            mode = STACK._pop_mode()
            if mode is self:
                break
            above.append(mode)
        for mode in reversed(above):
            STACK._push_mode(mode)


class _Imports(importlib.abc.MetaPathFinder):
    """Hears of every import that Python has to look for; finds nothing itself."""

    def __init__(self, guard: Guard) -> None:
        self.guard = guard

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Note an import of a forbidden package by the student's code."""
        if self.guard.forbids_import(name):
            frame: FrameType | None = sys._getframe(1)
            while frame is not None and frame.f_code.co_filename.startswith("<frozen importlib"):
                frame = frame.f_back
            kind, student, _ = self.guard.origin(frame)
            if kind is STUDENT and student is not None:
                self.guard.note(name, student)
            elif kind is FOREIGN:
                self.guard.note_unowned(name)
        return None


def _patched(guard: Guard, mode: _Mode) -> Iterator[Callable[[], None]]:
    """Put all of the guard in place; each thing given takes a part of it out again."""
    finder = _Imports(guard)
    sys.meta_path.insert(0, finder)
    yield lambda: sys.meta_path.remove(finder) if finder in sys.meta_path else None
    yield _put(AUTOGRAD, "_engine_run_backward", _watched_engine(mode))
    yield _put(threading.Thread, "start", _watched_start(mode))
    yield _put(_thread, "start_new_thread", _watched_thread(mode))
    for base in BASES:
        yield _put(base, "__init__", _watched_init(guard, base))
        yield _put(base, "__init_subclass__", classmethod(_watched_heirs(guard, base)))


def _put(owner: Any, name: str, value: Any) -> Callable[[], None]:
    """Set an attribute; what is given back makes it as it was."""
    before = vars(owner).get(name)
    setattr(owner, name, value)
    return lambda: delattr(owner, name) if before is None else setattr(owner, name, before)


def _watched_engine(mode: _Mode) -> Callable[..., Any]:
    """Watches backward passes: while `Tensor.backward` is passed on, the mode itself is off."""
    original = AUTOGRAD._engine_run_backward

    def run_backward(*args: Any, **kwargs: Any) -> Any:
        with mode.again():
            return original(*args, **kwargs)

    return run_backward


def _watched_start(mode: _Mode) -> Callable[..., None]:
    """Watches threads that are started from here on; modes are a thread's own."""
    original = threading.Thread.start

    def start(self: Any) -> None:
        run = self.run

        def watched() -> None:
            with mode:
                run()

        self.run = watched
        original(self)

    return start


def _watched_thread(mode: _Mode) -> Callable[..., int]:
    original = _thread.start_new_thread

    def start_new_thread(function: Callable[..., Any], args: Any, kwargs: Any = None) -> int:
        def watched(*args: Any, **kwargs: Any) -> None:
            with mode:
                function(*args, **kwargs)

        return original(watched, args, kwargs or {})

    return start_new_thread


def _watched_init(guard: Guard, base: Any) -> Callable[..., None]:
    original = base.__init__

    @functools.wraps(original)
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        guard.note_class(type(self), sys._getframe(1))
        original(self, *args, **kwargs)

    return init


def _watched_heirs(guard: Guard, base: Any) -> Callable[..., None]:
    def init_subclass(cls: Any, /, **kwargs: Any) -> None:
        super(base, cls).__init_subclass__(**kwargs)
        guard.note_class(cls, sys._getframe(1))

    return init_subclass
