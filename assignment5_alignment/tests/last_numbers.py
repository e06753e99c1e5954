"""What is asked of the number that is found in a response."""

WHO = "run_parse_gsm8k_response"


def check_number(parse, check, output, expected, hint=""):
    check.equal(parse(output), expected, who=f"{WHO}({output!r})", hint=hint)
