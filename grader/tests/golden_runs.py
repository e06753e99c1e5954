"""Which golden submissions a test session grades, and on what: see `test_golden_submissions`.

Without `GOLDEN=all` attacks are run on the best engine only, nothing with five seeds, and legal variants on their own
problems, those of a problem whose edits go together as one hand-in.
"""

import ast
import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from grader import assignment as assignments
from grader import golden, overlay, sandbox
from grader.assignment import Assignment
from grader.golden import EXPECT, Golden

ROOT = Path(__file__).parents[2]
COURSES = {name: assignments.load(ROOT, name) for name in assignments.names(ROOT)}
GOLDEN = {(course, each.name): each for course in COURSES for each in golden.load_all(COURSES[course])}
ENGINES = [name for name, engine in sandbox.ENGINES.items() if engine.missing() is None]
SEED = 20261
SEEDS = (336, 0, 7, 20262, 2**31 - 1)

BASICS, SYSTEMS = "assignment1_basics", "assignment2_systems"
SCALING, DATA, ALIGNMENT = "assignment3_scaling", "assignment4_data", "assignment5_alignment"
SMALL = {
    BASICS: ("softmax", "learning_rate_schedule"),
    SYSTEMS: ("mixed_precision_accumulation", "alternate_ring_all_reduce"),
    SCALING: ("parameter_counts", "power_law_fit"),
    DATA: ("mask_ips", "gopher_quality_filters"),
    ALIGNMENT: ("masked_normalize", "derive_difficulty_reweightings"),
}
"""What a hand-in that loses everything, or an attack, is graded on: all its problems fare alike."""

SEEDED = {
    BASICS: ("correct_one_module", "correct_rope_with_complex_numbers", "wrong_softmax_eps_in_the_denominator",
             "wrong_cross_entropy_eps_in_the_logarithm", "wrong_data_loading_never_the_last_start"),
    SCALING: ("correct_chinchilla_isoflops_fit_in_linear_space", "correct_parametric_fit_grid_of_starts",
              "correct_sweep_planning_wide_and_shallow", "wrong_parametric_fit_least_squares"),
}  # fmt: skip


@dataclass(frozen=True)
class Run:
    """A hand-in of an assignment on an engine with a seed."""

    course: str
    name: str
    engine: str
    seed: int

    @property
    def label(self) -> str:
        return f"{self.name}-{self.course[:11]}-{self.engine}-{self.seed}"

    @property
    def golden(self) -> Golden:
        return GOLDEN[self.course, self.name]


def dependents(course: Assignment, problem: str) -> set[str]:
    """The problems that say that they build on `problem`, directly."""
    return {other.id for other in course.problems.values() if problem in other.builds_on}


def named_by(course: Assignment, name: str) -> set[str]:
    """`correct_rope_without_tables` is about `rope`, `correct_flash_other_tiles` about all that begins with `flash`."""
    what = name.partition("_")[2]
    own = max((problem for problem in course.problems if what.startswith(f"{problem}_")), key=len, default=None)
    family = {problem for problem in course.problems if problem.startswith(f"{what.partition('_')[0]}_")}
    return family if own is None else {own}


def problems_of(course: Assignment, each: Golden) -> tuple[str, ...] | None:
    """What the hand-in is graded on: what it may touch; None stands for everything."""
    if each.kind in ("broken", "hostile"):
        lost = set() if set(each.lost) == set(course.problems) else set(each.lost)
        return ordered(course, lost | set(SMALL[course.name]))
    if each.kind == "slow":
        return ordered(course, each.lost)
    own = {each.lost[0]} if each.kind == "wrong" else named_by(course, each.name)
    if not own:
        return None
    more = {other for problem in own for other in dependents(course, problem)} if EVERYTHING else set()
    return ordered(course, own | more | set(each.lost))


def ordered(course: Assignment, chosen: Iterable[str]) -> tuple[str, ...]:
    chosen = set(chosen)
    return tuple(problem for problem in course.problems if problem in chosen)


def named(*kinds: str) -> list[tuple[str, str]]:
    """The golden submissions of these kinds, by assignment and name."""
    return [key for key, each in GOLDEN.items() if each.kind in kinds]


def sample() -> list[tuple[str, str]]:
    """Of the planted bugs the first of each problem."""
    first: dict[tuple[str, str], tuple[str, str]] = {}
    for key in named("wrong"):
        first.setdefault((key[0], GOLDEN[key].lost[0]), key)
    return list(first.values())


BEST = ENGINES[0]
EVERYTHING = os.environ.get("GOLDEN") == "all"
"""Set by `make golden`. Without it the attacks are run on the best engine only, legal variants on their own problems,
nothing with five seeds, and no planted bug: `test_planted_bugs` runs those."""

HONEST = named("correct", "partial", "slow", "broken") + (sample() if EVERYTHING else [])
RUNS = {
    "honest": [Run(*key, BEST, SEED) for key in HONEST],
    "hostile": [Run(*key, engine, SEED) for engine in (ENGINES if EVERYTHING else [BEST]) for key in named("hostile")],
    "seeds": [Run(course, name, BEST, seed) for course in SEEDED for name in SEEDED[course] for seed in SEEDS if EVERYTHING],
    "reference": [Run(name, "reference", BEST, seed) for name in COURSES for seed in (SEEDS if EVERYTHING else SEEDS[:1])],
    "stubs": [Run(name, "stubs", BEST, SEED) for name in COURSES],
}  # fmt: skip


@dataclass
class Group:
    """Legal variants that are graded as one hand-in: on the same problems, with edits in different places."""

    problems: tuple[str, ...] | None
    places: set[tuple[str, int]]
    members: list[Golden]


def together(course: Assignment) -> dict[tuple[str, str], list[Golden]]:
    """For each legal variant, by assignment and name, those that it is graded with as one hand-in, itself among them.

    Each is a legal way to write a part, so all of them are; one that is refused takes its group with it, and
    `make golden` grades each by itself. A change in the same function or class might undo another: such go apart.
    """
    groups: list[Group] = []
    for each in (GOLDEN[key] for key in named("correct") if key[0] == course.name):
        problems, places = problems_of(course, each), changed(course, each)
        for group in groups:
            if group.problems == problems and not group.places & places and only_edits(group.members[0], each):
                group.places |= places
                group.members.append(each)
                break
        else:
            groups.append(Group(problems, places, [each]))
    return {(course.name, each.name): group.members for group in groups for each in group.members}


def only_edits(*variants: Golden) -> bool:
    """Whether they are the reference with other words, and bring no files of their own."""
    return all(
        each.base == "reference" and set(overlay.files(each.folder)) == {PurePosixPath(EXPECT)} for each in variants
    )


def changed(course: Assignment, variant: Golden) -> set[tuple[str, int]]:
    """Where its edits are: files, and in each the first line of the function, class or statement at the top level."""
    places = set()
    for edit in variant.edits:
        text = (course.solution / edit.file).read_text(encoding="utf-8")
        starts = [node.lineno for node in ast.parse(text).body]
        wanted = edit.find.strip("\n")
        at = text.find(wanted)
        while at >= 0:
            first = text.count("\n", 0, at) + 1
            last = first + wanted.count("\n")
            before = max((start for start in starts if start <= first), default=1)
            places |= {(edit.file, start) for start in starts if start == before or first < start <= last}
            at = text.find(wanted, at + 1)
    return places


def combined(group: list[Golden]) -> Golden:
    """One hand-in with the edits of all."""
    return replace(group[0], edits=tuple(edit for each in group for edit in each.edits))
