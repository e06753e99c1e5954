"""The whole comparison: opens, reads, chooses, compares; what comes out is ready to be shown."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from grader.assignment import Assignment
from grader.errors import GraderError
from grader.intake import IntakeError, report_names
from grader.similarity import comparison
from grader.similarity.comparison import Pair
from grader.similarity.fingerprint import Fingerprint
from grader.similarity.index import common, index
from grader.similarity.opened import Opened, opened
from grader.similarity.passages import Passage
from grader.similarity.reader import Reader, Unread
from grader.similarity.released import released

FEWEST_OWN_TOKENS = 60


@dataclass(frozen=True)
class Note:
    """What to know about one hand-in. `left_out` says that it was not compared at all."""

    name: str
    text: str
    left_out: bool
    earlier: bool


@dataclass(frozen=True)
class Study:
    """What was compared, what was found. `pairs` come with the most alike first."""

    handins: tuple[Opened, ...]
    fingerprints: tuple[Fingerprint, ...]
    pairs: tuple[Pair, ...]
    notes: tuple[Note, ...]
    least: float
    common: int
    """How many windows were left out as common knowledge."""

    @property
    def batch(self) -> int:
        """How many hand-ins of the batch were compared."""
        return sum(not each.earlier for each in self.handins)

    @property
    def corpus(self) -> int:
        """How many earlier ones they were compared with."""
        return len(self.handins) - self.batch

    def evidence(self, pair: Pair) -> list[Passage]:
        """The passages of a pair."""
        return comparison.evidence(pair, self.fingerprints)


def study(
    assignment: Assignment,
    batch: Sequence[Path],
    corpus: Sequence[Path],
    scratch: Path,
    *,
    least: float,
    jobs: int,
    progress: Callable[[str, str], None] = lambda name, how: None,
    readers: Callable[[], Reader] = Reader,
) -> Study:
    """Compare the hand-ins of `batch` with each other and with those of `corpus`; `scratch` holds them meanwhile.

    `progress` is told each hand-in's name and how it went.

    Raises:
        GraderError: the process that reads hand-ins does not start, or cannot read the released code.
    """
    known = {path.resolve() for path in batch}
    corpus = [path for path in corpus if path.resolve() not in known]
    sources = [*batch, *corpus]
    names = report_names(sources)
    notes: list[Note] = []
    idle: SimpleQueue[Reader] = SimpleQueue()
    every = [readers() for _ in range(jobs)]
    for reader in every:
        idle.put(reader)

    def read(number: int, name: str) -> tuple[Opened, Fingerprint] | None:
        earlier = number >= len(batch)
        reader = idle.get()
        try:
            one = opened(sources[number], name, assignment, scratch / str(number), earlier=earlier)
            notes.extend(Note(name, text, False, earlier) for text in one.notes)
            return one, reader.fingerprint(one.texts()).without(base)
        except IntakeError as error:
            notes.append(Note(name, str(error), True, earlier))
        except Unread as error:
            notes.append(Note(name, f"not compared: {error}", True, earlier))
        finally:
            idle.put(reader)
        return None

    try:
        base = _base(assignment, every[0])
        with ThreadPoolExecutor(jobs) as pool:
            compared = []
            for name, one in zip(names, pool.map(read, range(len(sources)), names), strict=True):
                progress(name, "refused" if one is None else "read")
                if one is not None:
                    compared.append(one)
    finally:
        for reader in every:
            reader.close()
    return _compared(compared, notes, least)


def _base(assignment: Assignment, reader: Reader) -> frozenset[int]:
    try:
        return reader.fingerprint(released(assignment), window=1).hashes
    except Unread as error:
        raise GraderError(f"the released code of {assignment.name}: {error}") from None


def _compared(read: Sequence[tuple[Opened, Fingerprint]], notes: list[Note], least: float) -> Study:
    handins = tuple(one for one, _ in read)
    everyones = common([fingerprint for _, fingerprint in read])
    fingerprints = tuple(fingerprint.without(everyones.tolist()) for _, fingerprint in read)
    for one, (_, before), after in zip(handins, read, fingerprints, strict=True):
        if after.token_coverage < FEWEST_OWN_TOKENS and not one.earlier:
            what = "hardly any code beyond what was released"
            if before.token_coverage >= FEWEST_OWN_TOKENS:
                what = "hardly any code beyond what is common in the class"
            notes.append(Note(one.name, what, False, False))
    found = comparison.pairs(fingerprints, index(fingerprints), [one.earlier for one in handins], least)
    ranked = sorted(found, key=lambda pair: (-pair.similarity, -pair.tokens, pair.a, pair.b))
    ordered = sorted(notes, key=lambda note: (not note.left_out, note.earlier, note.name))
    return Study(handins, fingerprints, tuple(ranked), tuple(ordered), least, len(everyones))
