"""A question with choices, and what is asked of the letter that is found in a response."""

WHO = "run_parse_mmlu_response"
QUESTION = {
    "subject": "geography",
    "question": "What lies between two mountains?",
    "options": ["a river", "a valley", "a desert", "an island"],
    "answer": "B",
}


def check_letter(parse, check, output, expected, example=QUESTION):
    got = parse(example, output)
    check.equal(got, expected, who=f"{WHO} for {output!r} and {len(example['options'])} options")
