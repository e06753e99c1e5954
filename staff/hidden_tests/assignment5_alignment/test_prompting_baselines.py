"""Other templates, solutions and rewards."""

import pytest

FORMAT, EXTRACT, COUNT = "run_format_prompt", "run_extract_gsm8k_answer", "run_reward_categories"


def test_drawn_questions(adapters, check, draw):
    for _ in range(4):
        before, question, after = (draw.text(draw.integer(1, 60)) for _ in range(3))
        got = adapters.run_format_prompt(before + "{question}" + after, question)
        check.equal(got, before + question + after, who=FORMAT)


@pytest.mark.parametrize(
    "question", ["{question}{question}", "\\g<0> \\1 \\\\", "{", "}", "{{}}", "%(question)s", "${question}"]
)
def test_questions_that_look_like_templates(adapters, check, question):
    got = adapters.run_format_prompt("{{{question}}}\n{question}!", question)
    check.equal(got, "{{" + question + "}}\n" + question + "!", who=FORMAT)


@pytest.mark.parametrize("template", ["question", "{question", "question}", "{QUESTION}", "%(question)s"])
def test_other_templates_without_a_place(adapters, check, template):
    check.rejects(adapters.run_format_prompt, template, "Why?", who=FORMAT, hint="it has no {question}")


@pytest.mark.parametrize(
    ("solution", "expected"),
    [
        ("a\n#### 1,000\n", "1000"), ("####-12", "-12"), ("#### 3.0", "3.0"), ("#### -1,234.5", "-1234.5"),
        ("#### 1 #### 2 #### ", None), ("#### 1 ##### 2", "2"), ("3 #### x 4 y 5", "4"), ("#### €9", "9"),
        ("## 1\n### 2", None), ("#### 100,000,000", "100000000"), ("#### 12.", "12"), ("# # # # 8", None),
    ],
)  # fmt: skip
def test_other_solutions(adapters, check, solution, expected):
    check.equal(adapters.run_extract_gsm8k_answer(solution), expected, who=f"{EXTRACT}({solution!r})")


@pytest.mark.parametrize("rows", [1, 9, 60])
def test_drawn_categories(drivers, check, draw, rows):
    kinds = [(1.0, 1.0), (1.0, 0.0), (0.0, 0.0)]
    chosen = [draw.choice(kinds) for _ in range(rows)]
    table = [(f"r{n}", f"t{n}", draw.number(-1, 1), *kind) for n, kind in enumerate(chosen)]
    responses, truths = [row[0] for row in table], [row[1] for row in table]
    found = drivers.reward_categories(responses, truths, table)
    check.equal(found["returned"], tuple(chosen.count(kind) for kind in kinds), who=COUNT)
    pairs = sorted([row[0], row[1]] for row in table)
    fits = isinstance(found["calls"], list) and sorted(found["calls"]) == pairs
    check.that(fits, f"{COUNT} asked for other rewards than one of each response with its own truth")


def test_a_bad_row_among_good_ones_is_refused(drivers, check):
    table = [("a", "1", 1.0, 1.0, 1.0), ("b", "1", 1.0, 0.0, 1.0)]
    check.rejects(drivers.reward_categories, ["a", "b", "a"], ["1"] * 3, table, who=COUNT)
