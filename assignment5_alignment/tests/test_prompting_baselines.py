"""Prompts from templates, right answers from solutions, and how many responses earn what."""

import pytest

FORMAT, EXTRACT, COUNT = "run_format_prompt", "run_extract_gsm8k_answer", "run_reward_categories"
R1 = (
    "The assistant thinks, then answers: <think> … </think> <answer> … </answer>.\nUser: {question}\nAssistant: <think>"
)
BOXED = "{question}\nWrite your final answer in \\boxed{}.\n"
TABLE = [
    ("right", "4", 1.0, 1.0, 1.0),
    ("right", "5", 0.0, 1.0, 0.0),
    ("formatted", "4", 0.5, 1.0, 0.0),
    ("formatted", "5", 0.25, 1.0, 1.0),
    ("nothing", "4", 0.125, 0.0, 0.0),
    ("nothing", "5", 0.0625, 0.0, 0.0),
]


@pytest.mark.parametrize(
    "question",
    [
        "What is 2 + 2?",
        "",
        "Is {x: x > 0} the same as {1, 2, …}?",
        "100 % of %s, $name and \\frac{1}{2}\\n",
        "a\nb\n",
        "{0} {}",
    ],
)
@pytest.mark.parametrize("template", [R1, BOXED, "{question}", "\\boxed{{}} {a} {} {question} %d $x"])
def test_the_question_takes_its_place_and_all_else_stays(adapters, check, template, question):
    before, after = template.split("{question}")
    check.equal(adapters.run_format_prompt(template, question), before + question + after, who=FORMAT)


def test_every_place_of_a_template_gets_the_question(adapters, check):
    got = adapters.run_format_prompt("Q: {question}\nOnce more: {question}", "Why {a}?")
    check.equal(got, "Q: Why {a}?\nOnce more: Why {a}?", who=FORMAT, hint="the template has two places")


def test_a_question_may_talk_of_templates(adapters, check):
    got = adapters.run_format_prompt("A {question} B {question}", "what does {question} mean")
    expected = "A what does {question} mean B what does {question} mean"
    check.equal(got, expected, who=FORMAT, hint="what stands in the question is no place for another")


@pytest.mark.parametrize("template", ["", "User: {Question}", "{ question }", "{quest} {ion}"])
def test_a_template_without_a_place_is_refused(adapters, check, template):
    check.rejects(adapters.run_format_prompt, template, "What is 2 + 2?", who=FORMAT, hint="it has no {question}")


@pytest.mark.parametrize(
    ("solution", "expected"),
    [
        ("She sells 12 + 6 = 18 loaves.\n#### 18", "18"),
        ("He owes 3 more than he has.\n#### -3", "-3"),
        ("#### 1,234", "1234"),
        ("#### 12,345,678", "12345678"),
        ("Each costs <<2.5*3=7.5>>7.50.\n####   7.50 ", "7.50"),
        ("#### $1,050.25", "1050.25"),
        ("#### 25%", "25"),
        ("First try:\n#### 5\nNo, count again: 7\n#### 6\n", "6"),
        ("#### 0", "0"),
        ("#### 12 of 15", "12"),
        ("Nothing is marked: 18", None),
        ("One mark too few: ### 18", None),
        ("#### none", None),
        ("18 ####", None),
        ("", None),
    ],
)
def test_the_number_after_the_last_mark(adapters, check, solution, expected):
    check.equal(adapters.run_extract_gsm8k_answer(solution), expected, who=f"{EXTRACT}({solution!r})")


def test_drawn_solutions(adapters, check, draw):
    for _ in range(5):
        number = draw.integer(-2_000_000, 2_000_000)
        solution = f"{draw.integer(0, 99)} and then {draw.integer(0, 9999)}\n#### {number:,}"
        check.equal(adapters.run_extract_gsm8k_answer(solution), str(number), who=f"{EXTRACT}({solution!r})")


def test_three_categories(drivers, check):
    responses = ["right", "formatted", "nothing", "right", "nothing", "nothing", "formatted", "right", "right"]
    truths = ["4", "4", "4", "4", "5", "4", "4", "4", "4"]
    found = drivers.reward_categories(responses, truths, TABLE)
    check.equal(found["returned"], (4, 2, 3), who=COUNT, hint="format and answer rewards of (1, 1), (1, 0), (0, 0)")


def test_every_response_with_its_own_truth_and_once(drivers, check):
    responses, truths = ["right", "formatted", "right", "nothing"], ["5", "5", "4", "5"]
    found = drivers.reward_categories(responses, truths, TABLE)
    check.equal(found["returned"], (2, 1, 1), who=COUNT, hint="each response goes with the ground truth at its place")
    pairs = [list(pair) for pair in zip(responses, truths, strict=True)]
    check.that(
        isinstance(found["calls"], list) and sorted(found["calls"]) == sorted(pairs),
        f"{COUNT} asked for other rewards than one of each response with its own truth, in that order",
    )


def test_the_total_reward_decides_nothing(drivers, check):
    table = [("a", "1", 9.0, 0.0, 0.0), ("b", "1", 0.0, 1.0, 1.0), ("c", "1", 1.0, 1.0, 0.0)]
    found = drivers.reward_categories(["a", "b", "c", "a"], ["1"] * 4, table)
    check.equal(found["returned"], (1, 1, 2), who=COUNT, hint='"reward" is not looked at')


def test_no_responses(drivers, check):
    check.equal(drivers.reward_categories([], [], TABLE)["returned"], (0, 0, 0), who=COUNT)


def test_rewards_of_no_category_are_refused(drivers, check):
    for table in ([("a", "1", 1.0, 0.0, 1.0)], [("a", "1", 0.5, 0.5, 0.5)], [("a", "1", 1.0, 1.0, 2.0)]):
        check.rejects(
            drivers.reward_categories, ["a"], ["1"], table, who=COUNT, hint="these rewards are of no category"
        )


def test_as_many_truths_as_responses(drivers, check):
    for responses, truths in ((["right"], ["4", "5"]), (["right", "nothing"], ["4"]), ([], ["4"])):
        check.rejects(drivers.reward_categories, responses, truths, TABLE, who=COUNT)
