"""The course server over HTTP: what is taken, what is refused and in which words, and who may see what."""

import re
from contextlib import ExitStack

import pytest
from starlette.testclient import TestClient

from grader.errors import ConfigError
from grader.server.app import create_app
from grader.server.queue import Result
from grader.server.role import Role
from grader.server.submissions import State
from grader.tests.course_server import ManualClock, office, person, rows, zipped

WORK = zipped({"adapters.py": "x = 1\n"})
OTHER = zipped({"adapters.py": "x = 2\n"})
ORIGIN = {"Origin": "http://testserver"}


class People:
    """A served course with a TA, two students, and a browser each."""

    def __init__(self, stack: ExitStack, root, data, **settings):
        self.clock = ManualClock()
        self.office = stack.enter_context(office(root, data, clock=self.clock, **settings))
        self.client = stack.enter_context(TestClient(create_app(self.office), follow_redirects=False))
        roles = {"ada": Role.STUDENT, "bob": Role.STUDENT, "tim": Role.TA}
        self.tokens = {name: self.office.accounts.add(name, role, actor="test") for name, role in roles.items()}

    def get(self, who, path, **options):
        return self.client.get(f"/api{path}", headers=self.headers(who), **options)

    def hand_in(self, who="ada", content=WORK, name="work.zip", assignment="assignment0_tiny"):
        return self.client.post(
            "/api/hand-ins", headers=self.headers(who), data={"assignment": assignment}, files={"file": (name, content)}
        )

    def headers(self, who):
        return {"Authorization": f"Bearer {self.tokens[who]}"} if who else {}


@pytest.fixture
def serve(tiny_root, tmp_path):
    with ExitStack() as stack:
        yield lambda **settings: People(stack, tiny_root, tmp_path / "data", **settings)


@pytest.fixture
def served(serve):
    return serve()


def test_what_is_acknowledged_is_kept_and_the_same_bytes_again_are_the_same_hand_in(served):
    first = served.hand_in()
    again = served.hand_in()
    other = served.hand_in(content=OTHER)
    back = served.hand_in()
    assert [answer.status_code for answer in (first, again, other, back)] == [202, 200, 202, 202]
    assert [answer.json()["id"] for answer in (first, again, other, back)] == [1, 1, 2, 3]
    assert [row.number for row in rows(served.office)] == [1, 2, 3]
    assert first.json()["name"] == "ada-1"
    assert first.json()["state"] == "queued"
    assert (first.json()["ahead"], back.json()["ahead"]) == (0, 2)
    [claimed, *_] = served.office.queue.claim("w", 1).items
    assert claimed.path.read_bytes() == WORK
    assert claimed.path.name == "work.zip"


def test_students_see_their_own_and_staff_see_all(served):
    number = served.hand_in("ada").json()["id"]
    assert served.get("ada", f"/submissions/{number}").json()["account"] == "ada"
    assert served.get("tim", f"/submissions/{number}").json()["account"] == "ada"
    assert served.get("bob", f"/submissions/{number}").status_code == 404
    assert served.get("bob", f"/submissions/{number + 1}").json() == served.get("bob", f"/submissions/{number}").json()
    assert [len(served.get(who, "/hand-ins").json()) for who in ("ada", "bob", "tim")] == [1, 0, 1]
    assert served.get("bob", "/hand-ins", params={"student": "ada"}).json() == []
    assert served.get("bob", f"/hand-ins/{number}/report").status_code == 404


@pytest.mark.parametrize("path", ["/audit", "/accounts/bob/pseudonym", "/submissions/1/again"])
def test_what_is_for_staff_is_refused_to_students(served, path):
    served.hand_in()
    method = "GET" if path == "/audit" else "POST"
    answer = served.client.request(method, f"/api{path}", headers=served.headers("ada"))
    assert (answer.status_code, answer.json()) == (403, {"detail": "this is for the staff"})


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer gr_nobody"}, {"Authorization": "Basic YTpi"}])
def test_without_a_token_nothing_is_kept(served, headers):
    fields, files = {"assignment": "assignment0_tiny"}, {"file": ("work.zip", WORK)}
    answer = served.client.post("/api/hand-ins", headers=headers, data=fields, files=files)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert not served.office.settings.uploads.exists()
    assert rows(served.office) == []


def test_a_revoked_token_and_a_closed_account_let_nobody_in(served):
    session = served.office.accounts.log_in(served.tokens["ada"], "")
    assert served.office.accounts.by_session(session.cookie) is not None
    assert served.office.accounts.revoke("ada", close=False, actor="test") == 1
    assert served.get("ada", "/me").status_code == 401
    assert served.office.accounts.by_session(session.cookie) is None
    served.tokens["ada"] = served.office.accounts.add("ada", Role.STUDENT, actor="test")
    assert served.get("ada", "/me").status_code == 200
    served.office.accounts.revoke("ada", close=True, actor="test")
    assert served.get("ada", "/me").status_code == 401


def test_wrong_tokens_are_counted_by_address_and_right_ones_still_let_in(serve):
    served = serve(wrong_tokens_per_minute=3)
    wrong = {"Authorization": "Bearer gr_guess"}
    codes = [served.client.get("/api/me", headers=wrong).status_code for _ in range(5)]
    assert codes == [401, 401, 401, 429, 429]
    assert served.get("ada", "/me").status_code == 200
    served.clock.advance(21)
    assert served.client.get("/api/me", headers=wrong).status_code == 401


def test_too_many_uploads_are_refused_until_time_has_passed(serve):
    served = serve(uploads_per_minute=2)
    codes = [served.hand_in(content=zipped({"adapters.py": f"x = {i}"})).status_code for i in range(3)]
    assert codes == [202, 202, 429]
    refused = served.hand_in()
    assert refused.json()["detail"] == "more than 2 uploads a minute; try again in 30 s"
    assert refused.headers["Retry-After"] == "30"
    assert served.hand_in("bob").status_code == 202
    served.clock.advance(31)
    assert served.hand_in().status_code == 202


def test_who_has_much_waiting_waits(serve):
    served = serve(most_waiting=2)
    answers = [served.hand_in(content=zipped({"adapters.py": f"x = {i}"})) for i in range(3)]
    assert [answer.status_code for answer in answers] == [202, 202, 429]
    assert answers[2].json()["detail"] == "2 of yours are waiting to be graded; expected fewer than 2"


def test_a_person_has_so_many_bytes_in_all(serve):
    served = serve(most_bytes_a_person=len(WORK) + len(OTHER) - 1)
    assert [served.hand_in(content=content).status_code for content in (WORK, OTHER)] == [202, 429]


@pytest.mark.parametrize("announced", [True, False])
def test_a_file_that_is_too_large_is_refused_while_it_comes(serve, announced):
    served = serve(largest_hand_in=1 << 20)
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.zip"\r\n\r\n'
    pieces = [head, *[b"a" * 65536] * 40]
    taken = []

    def body():
        for piece in pieces:
            taken.append(piece)
            yield piece

    headers = {**served.headers("ada"), "Content-Type": "multipart/form-data; boundary=x"}
    content = b"".join(pieces) if announced else body()
    answer = served.client.post("/api/hand-ins", headers=headers, content=content)
    assert answer.status_code == 413
    assert answer.json()["detail"] == "the file is larger than 1 MB; expected at most that, without data or caches"
    assert not served.office.settings.uploads.exists()
    assert rows(served.office) == []


@pytest.mark.parametrize(("fields", "files", "status", "message"), [
    ({"assignment": "assignment0_tiny"}, {"file": ("a.exe", b"x")}, 422, "unknown form; expected a .zip"),
    ({"assignment": "assignment0_tiny"}, {"file": ("a.zip", b"")}, 422, "the file is empty"),
    ({"assignment": "assignment0_tiny"}, {"other": ("a.zip", b"x")}, 422, "expected it in 'file'"),
    ({"assignment": "assignment9"}, {"file": ("a.zip", b"x")}, 404, "no such assignment; it has assignment0_tiny"),
    ({}, {"file": ("a.zip", b"x")}, 404, "no such assignment"),
    ({"assignment": "../../etc"}, {"file": ("a.zip", b"x")}, 404, "no such assignment"),
    ({"assignment": "assignment0_tiny"}, {"file": ("a.zip", b"x"), "more": ("b.zip", b"x")}, 422, "Too many files"),
])  # fmt: skip
def test_a_form_that_is_wrong_is_refused_in_one_line(served, fields, files, status, message):
    answer = served.client.post("/api/hand-ins", headers=served.headers("ada"), data=fields, files=files)
    assert answer.status_code == status
    assert message in answer.json()["detail"]
    assert rows(served.office) == []


@pytest.mark.parametrize(("name", "kept"), [
    ("work.tar.gz", "work.tar.gz"), ("../../x.zip", "handin.zip"), ("höm\u202ework.ZIP", "handin.zip"), ("adapters.py", "adapters.py"),
])  # fmt: skip
def test_a_file_is_kept_under_a_plain_name_inside_the_folder(served, name, kept):
    assert served.hand_in(name=name).json()["file_name"] == kept
    found = [path for path in served.office.settings.uploads.rglob("*") if path.is_file()]
    assert [path.name for path in found] == [kept]


def test_a_pseudonym_is_ones_own_choice_and_nobody_elses(served):
    def choose(who, wanted):
        return served.client.put("/api/me/pseudonym", headers=served.headers(who), json={"pseudonym": wanted})

    assert choose("ada", "  Blue \t Heron ").json()["pseudonym"] == "Blue Heron"
    taken = choose("bob", "blue-heron")
    assert (taken.status_code, taken.json()["detail"]) == (
        409,
        "the pseudonym 'blue-heron' is taken; expected another one",
    )
    assert choose("ada", "Blue Heron").status_code == 200
    assert choose("bob", "A d a").status_code == 409
    assert "has 2 characters; expected 3 to 32" in choose("bob", "ab").json()["detail"]
    assert "holds '<'; expected letters" in choose("bob", "<b>bob").json()["detail"]
    assert "holds no letter" in choose("bob", "1234").json()["detail"]
    redrawn = served.client.post("/api/accounts/ada/pseudonym", headers=served.headers("tim")).json()["pseudonym"]
    assert re.fullmatch(r"[a-z]+ [a-z]+ \d{3}", redrawn)
    assert served.get("ada", "/me").json()["pseudonym"] == redrawn


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"pseudonym": 1}', b"x" * 5000, b"[" * 3000])
def test_a_body_that_is_no_pseudonym_is_refused(served, body):
    answer = served.client.put("/api/me/pseudonym", headers=served.headers("ada"), content=body)
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("the body ")


@pytest.mark.parametrize("path", ["/", "/api/me", "/api/health", "/nothing", "/api/nothing", "/static/style.css"])
def test_every_answer_keeps_a_browser_safe(served, path):
    headers = served.client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "script-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert len(headers["X-Request-ID"]) == 32


def log_in(served, who, **headers):
    return served.client.post("/log-in", data={"token": served.tokens[who]}, headers=headers)


def test_a_form_from_another_page_is_refused(served):
    assert log_in(served, "ada", Origin="http://elsewhere.example").status_code == 403
    assert log_in(served, "ada", **{"Sec-Fetch-Site": "cross-site"}).status_code == 403
    answer = log_in(served, "ada", **ORIGIN)
    assert answer.status_code == 303
    assert "HttpOnly" in answer.headers["Set-Cookie"]
    assert "SameSite=strict" in answer.headers["Set-Cookie"]
    secret = re.search(r'name="csrf" value="([^"]+)"', served.client.get("/own").text)[1]

    def choose(csrf, **headers):
        fields = {"pseudonym": "calm wren", "csrf": csrf}
        return served.client.post("/own/pseudonym", data=fields, headers=headers).status_code

    assert choose("", **ORIGIN) == 403
    assert choose(secret[:-1] + "~", **ORIGIN) == 403
    assert choose(secret, Origin="http://elsewhere.example") == 403
    assert served.get("ada", "/me").json()["pseudonym"] != "calm wren"
    assert choose(secret, **ORIGIN) == 303
    assert served.get("ada", "/me").json()["pseudonym"] == "calm wren"


def test_a_cookie_is_worth_nothing_to_the_routes_for_programs(served):
    log_in(served, "ada", **ORIGIN)
    assert served.client.get("/own").status_code == 200
    assert served.client.get("/api/me").status_code == 401


def test_a_session_ends_in_time(served):
    log_in(served, "ada", **ORIGIN)
    served.clock.advance(12 * 3600 - 1)
    assert served.client.get("/own").status_code == 200
    served.clock.advance(2)
    assert served.client.get("/own").status_code != 200


def test_with_https_the_cookie_travels_no_other_way(serve):
    served = serve(https=True)
    cookie = log_in(served, "ada", **ORIGIN).headers["Set-Cookie"]
    assert cookie.startswith("__Host-session=")
    assert "Secure" in cookie
    assert served.client.get("/").headers["Strict-Transport-Security"] == "max-age=31536000"


def test_no_token_and_no_cookie_is_in_the_database(served):
    session = served.office.accounts.log_in(served.tokens["ada"], "")
    data = served.office.settings.data
    content = b"".join(path.read_bytes() for path in data.iterdir() if path.is_file())
    assert b"ada" in content
    assert served.tokens["ada"].encode() not in content
    assert session.cookie.encode() not in content


def test_what_changes_something_is_in_the_audit_log(served):
    served.hand_in()
    served.client.put("/api/me/pseudonym", headers=served.headers("ada"), json={"pseudonym": "calm wren"})
    served.office.queue.claim("w", 1)
    served.office.queue.finish("w", 1, Result(State.FAILED, reason="ours"))
    served.client.post("/api/submissions/1/again", headers=served.headers("tim"))
    deeds = served.get("tim", "/audit").json()
    found = [(deed["actor"], deed["action"], deed["subject"]) for deed in reversed(deeds)]
    assert found[-4:] == [
        ("ada", "hand-in received", "assignment0_tiny #1"),
        ("ada", "pseudonym chosen", "calm wren"),
        ("w", "hand-in failed", "ada-1"),
        ("tim", "hand-in queued again", "ada-1"),
    ]
    assert deeds[-1]["at"] == "2026-01-01T00:00:00Z"


def test_only_what_has_failed_is_queued_again(served):
    served.hand_in()
    answer = served.client.post("/api/submissions/1/again", headers=served.headers("tim"))
    assert (answer.status_code, answer.json()["detail"]) == (
        409,
        "submission 1 is queued; expected one that has failed",
    )


def test_a_list_goes_on_where_it_ended(served):
    for number in range(5):
        served.hand_in(content=zipped({"adapters.py": f"x = {number}"}))
    first = served.get("ada", "/hand-ins", params={"limit": 3}).json()
    rest = served.get("ada", "/hand-ins", params={"limit": 3, "before": first[-1]["id"]}).json()
    assert [one["number"] for one in first + rest] == [5, 4, 3, 2, 1]


def test_an_account_keeps_its_role(served):
    with pytest.raises(ConfigError, match="account 'ada' is there already as student"):
        person(served.office, "ada", Role.INSTRUCTOR)
    with pytest.raises(ConfigError, match="expected 1 to 64 of a-z"):
        person(served.office, "Ada Lovelace")
