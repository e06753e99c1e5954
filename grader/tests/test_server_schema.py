"""Whatever is sent to the routes that OpenAPI describes, the answer is what it describes, and no error of ours."""

import warnings

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable

from grader.server.app import create_app
from grader.server.queue import Result
from grader.server.role import Role
from grader.server.submissions import Kind, State
from grader.tests.boards import give_board
from grader.tests.course_server import PLENTY, office, person, sent

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of the libraries that it is made of
    import schemathesis
    from schemathesis import GenerationMode
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi.checks import (
        content_type_conformance,
        response_schema_conformance,
        status_code_conformance,
    )

EXAMPLES = 25
CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    """An app with a hand-in, an entry, and the token of a TA, who is let in everywhere."""
    import shutil
    from pathlib import Path

    from grader import assignment as assignments

    folder = tmp_path_factory.mktemp("schema")
    root = Path(shutil.copytree(Path(__file__).parent / "tiny_course", folder / "course"))
    give_board(assignments.load(root, "assignment0_tiny"))
    with office(root, folder / "data", **PLENTY) as opened:
        ada = person(opened, "ada")
        (folder / "work.py").write_text("x = 1\n")
        sent(opened, ada, folder / "work.py")
        sent(opened, ada, folder / "work.py", Kind.ENTRY, "counting")
        opened.queue.claim("w", 1)
        opened.queue.claim("w", 1)
        opened.queue.finish("w", 2, Result(State.DONE, 3.0, details={"measurements": {"first": 1.0}}))
        yield create_app(opened), opened.accounts.add("tim", Role.TA, actor="test")


@pytest.fixture(scope="module")
def schema(scene):
    return schemathesis.openapi.from_asgi("/api/openapi.json", scene[0])


def each_case(schema, mode, examples, check):
    """Draw requests to each route, fitting the schema or breaking it, and check each."""
    count = 0
    for result in schema.get_all_operations():
        operation = result.ok()

        @settings(
            max_examples=examples, deadline=None, derandomize=True, database=None,
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(operation.as_strategy(generation_mode=mode))
        def hold(case):
            check(case)

        try:
            hold()
        except Unsatisfiable:  # there is nothing about this route that could be broken
            continue
        count += 1
    return count


@pytest.mark.parametrize("mode", list(GenerationMode), ids=str)
def test_no_request_is_an_error_of_ours(scene, schema, mode):
    headers = {"Authorization": f"Bearer {scene[1]}"}
    count = each_case(schema, mode, EXAMPLES, lambda case: case.call_and_validate(headers=headers, checks=CHECKS))
    assert count >= 8


def test_without_a_token_nobody_learns_anything_that_is_not_public(schema):
    def hold(case):
        answer = case.call(headers={"Authorization": "Bearer gr_nobody"})
        allowed = (200, 401, 404, 422) if case.path == "/api/health" else (401, 404, 422)
        assert answer.status_code in allowed, (case.path, answer.text)

    assert each_case(schema, GenerationMode.POSITIVE, 3, hold) >= 15
