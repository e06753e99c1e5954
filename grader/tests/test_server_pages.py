"""The server's pages in a headless Chromium: an entry's way to the top, a hand-in's way to its report, what staff see."""

import csv
import io
import shutil
import uuid
import zipfile
from urllib.parse import urlencode

import httpx
import pytest
from selenium.webdriver.common.keys import Keys

from assignment3_scaling.service.tests.browser import chromium
from grader import assignment as assignments
from grader.server.queue import Result
from grader.server.role import Role
from grader.server.submissions import State
from grader.server.worker import Worker
from grader.tests import course_server
from grader.tests.boards import give_board, run_of
from grader.tests.conftest import HERE
from grader.tests.course_browser import DESK, PHONE, Pages, served

BOARD = "/leaderboards/assignment0_tiny/counting"
NOTICED = "\n\nimport atexit\n\natexit.register(int)\n"
"""What no homework needs, and staff are told of."""
MARKUP = "<img src=x onerror=alert(1)><b>bold</b>"


@pytest.fixture(scope="module")
def tiny_course(tmp_path_factory):
    """A tiny course with a leaderboard."""
    root = shutil.copytree(HERE / "tiny_course", tmp_path_factory.mktemp("course") / "course")
    course = assignments.load(root, "assignment0_tiny")
    give_board(course)
    return course


@pytest.fixture(scope="module")
def office(tiny_course, tmp_path_factory):
    """A server over it."""
    with course_server.office(tiny_course.root, tmp_path_factory.mktemp("data"), **course_server.PLENTY) as opened:
        yield opened


@pytest.fixture(scope="module")
def pages(office, tmp_path_factory):
    """Its pages in a browser."""
    with served(office) as url, chromium(tmp_path_factory.mktemp("profile")) as browser:
        yield Pages(browser, url)


@pytest.fixture
def window(pages):
    """The browser, with nobody logged in."""
    pages.browser.delete_all_cookies()
    pages.look()
    pages.complaints()
    return pages


@pytest.fixture
def person(office):
    """Makes people: `.account` and `.token`."""

    class Person:
        def __init__(self, role=Role.STUDENT):
            self.name = f"p{uuid.uuid4().hex[:12]}"
            self.token = office.accounts.add(self.name, role, actor="test")
            self.account = office.accounts.by_token(self.token)

    return Person


@pytest.fixture(scope="module")
def work(office):
    """Does all the work that waits, as the worker's process does."""
    worker = Worker(office, jobs=1)

    def all_of_it():
        while worker.step():
            pass

    return all_of_it


@pytest.fixture
def enter(pages, tiny_course, tmp_path):
    """Sends an entry that counts by `step`, as a program does, and gives its number."""

    def sent(one, step, claim=None, append=""):
        run = run_of(tiny_course, tmp_path / uuid.uuid4().hex, step, append, claim=claim)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for path in sorted(run.rglob("*")):
                if path.is_file():
                    archive.write(path, path.relative_to(run))
        answer = httpx.post(
            f"{pages.url}/api/leaderboard/assignment0_tiny/counting/entries",
            headers={"Authorization": f"Bearer {one.token}"},
            files={"file": ("entry.zip", packed.getvalue())},
            data={} if claim is None else {"claimed": str(claim)},
            timeout=120,
        )
        assert answer.status_code == 202, answer.text
        return answer.json()["id"]

    return sent


@pytest.fixture
def hand_in_zip(tiny_course, tmp_path):
    """A hand-in that solves `double`, gets `count` wrong, and does what staff are told of."""
    path = tmp_path / "work.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("adapters.py", (tiny_course.folder / "adapters.py").read_text())
        text = (tiny_course.solution / "maths.py").read_text()
        archive.writestr(
            "maths.py", text.replace("self.count += 1", "self.count += 2") + f"{NOTICED}# {uuid.uuid4()}\n"
        )
    return path


def rows(window):
    """The standings, top to bottom: rank, pseudonym, score."""
    found = window.browser.execute_script(
        "return Array.from(document.querySelectorAll('.standings tbody tr'), row =>"
        " [row.cells[0].innerText, row.querySelector('th a').innerText, row.cells[2].innerText])"
    )
    return [(int(rank.split()[0]), name, float(score)) for rank, name, score in found]


def test_an_entry_is_sent_verified_shown_and_outranked(window, office, person, enter, work):
    first, second = person(), person()
    sent = enter(first, step=20, claim=42)
    window.open(BOARD)
    claims = [
        text for text in window.texts("[aria-label='Table of claims'] tbody tr") if first.account.pseudonym in text
    ]
    assert len(claims) == 1
    assert "42" in claims[0]
    assert "waiting" in claims[0]
    assert first.account.pseudonym not in [name for _, name, _ in rows(window)]

    work()
    window.open(BOARD)
    assert rows(window)[0] == (1, first.account.pseudonym, 41.0)
    window.element(".standings a").click()
    assert window.path == f"/entries/{sent}"
    assert "41" in window.texts(".figure .value")[0]
    assert "first 1" in window.texts("[aria-label='Table of measurements'] tbody tr")[0].lower()

    marks = _marks(window)
    enter(second, step=30)
    work()
    window.open(BOARD)
    assert rows(window)[:2] == [(1, second.account.pseudonym, 61.0), (2, first.account.pseudonym, 41.0)]
    assert _marks(window) == marks + 1
    assert window.complaints() == []


def _marks(window):
    window.open(BOARD)
    return len(window.texts(".history circle:not(.beaten)"))


def test_a_cheat_is_refused_with_the_reason_to_its_sender_and_shown_to_nobody_else(window, person, enter, work):
    cheat = person()
    sent = enter(
        cheat, step=40, append="\n\nclass Counter(Counter):\n    def __init__(self):\n        self.count = 5\n"
    )
    work()
    window.log_in(cheat.token)
    window.open(f"/entries/{sent}")
    assert "it does not begin at 1" in window.element(".notice").text
    window.open("/own")
    assert "refused" in window.texts("[aria-label='Table of entries'] tbody tr")[0]
    window.browser.delete_all_cookies()
    window.open(f"/entries/{sent}")
    assert window.texts("h1") == ["Not here"]
    window.open(BOARD)
    assert cheat.account.pseudonym not in window.element("main").text


def test_a_hand_in_goes_from_the_form_to_its_report_by_keyboard(window, person, hand_in_zip, work):
    student = person()
    window.open("/")
    body = window.element("body")
    body.send_keys(Keys.TAB)
    assert window.browser.switch_to.active_element.text == "Skip to the page"
    window.open("/log-in")
    assert window.browser.switch_to.active_element.get_attribute("id") == "token"
    window.enter(student.token)
    assert window.path == "/own"

    window.element("#file").send_keys(str(hand_in_zip))
    window.press("form[action='/own/hand-ins'] button")
    report = window.path
    assert report.startswith("/hand-ins/")
    assert "waiting" in window.element("dl.facts").text

    work()
    window.open(report)
    assert window.texts(".figure .value")[0] == "2 / 5"
    assert window.element(".handin[open] .name").text.split()[-1] == "count"
    window.open("/own")
    assert "2 / 5" in window.texts("[aria-label='Table of hand-ins'] tbody tr")[0]

    window.log_in(person().token)
    window.open(report)
    assert window.texts("h1") == ["Not here"]


def test_a_students_report_hides_what_is_for_staff(window, office, person, hand_in_zip, work):
    student = person()
    sent = course_server.sent(office, student.account, hand_in_zip).submission.id
    work()
    window.log_in(student.token)
    window.open(f"/hand-ins/{sent}")
    page = window.browser.page_source
    assert "hidden" in page
    assert str(office.seed) not in page
    window.open("/dashboard")
    assert window.texts("h1") == ["Not for you"]


def test_a_wrong_token_is_said_on_the_form_and_a_page_of_ones_own_asks_for_one(window):
    window.log_in("gr_wrong")
    assert window.path == "/log-in"
    assert "not valid" in window.element("[role=alert]").text
    assert window.element("#token").get_attribute("aria-describedby") == "problem"
    window.open("/own")
    assert window.texts("h1") == ["Please log in"]


def test_logging_out_ends_the_session(window, person):
    window.log_in(person().token)
    cookie = window.browser.get_cookie("session")
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Strict"
    window.press(".who button")
    assert window.path == "/"
    again = httpx.get(f"{window.url}/own", cookies={"session": cookie["value"]})
    assert again.status_code == 401


def test_a_form_without_the_sessions_secret_changes_nothing(window, person):
    student = person()
    window.log_in(student.token)
    cookie = {"session": window.browser.get_cookie("session")["value"]}
    forged = httpx.post(f"{window.url}/own/pseudonym", cookies=cookie, data={"pseudonym": "Forged", "csrf": "x"})
    assert forged.status_code == 403
    window.open("/own")
    assert student.account.pseudonym in window.element(".lead").text


def test_a_pseudonym_is_chosen_once(window, person):
    first, second = person(), person()
    chosen = f"Swift {uuid.uuid4().hex[:8]}"
    for one in (first, second):
        window.log_in(one.token)
        field = window.element("#pseudonym")
        field.clear()
        field.send_keys(chosen)
        window.press("form[action='/own/pseudonym'] button")
        if one is first:
            assert chosen in window.element(".lead").text
    assert "taken" in window.element("#pseudonym-problem").text


def test_public_pages_name_nobody(window, person, enter, work):
    student = person()
    sent = enter(student, step=3)
    work()
    for path in ("/", BOARD, f"/entries/{sent}"):
        window.open(path)
        assert student.name not in window.browser.page_source


def test_staff_see_the_class_and_take_its_grades_along(window, office, person, hand_in_zip, work):
    student, ta = person(), person(Role.TA)
    course_server.sent(office, student.account, hand_in_zip)
    work()
    window.log_in(ta.token)
    assert window.path == "/dashboard"
    counts = office.queries.states()["assignment0_tiny"]
    cells = window.texts("[aria-label='Table of states'] tbody td")
    assert int(cells[list(State).index(State.DONE)]) == counts[State.DONE] > 0
    window.open("/dashboard/assignment0_tiny?state=done")
    assert student.name in window.element("[aria-label='Table of hand-ins']").text
    worst = window.texts(".bars li")[0]
    assert worst.startswith("count")
    assert "atexit" in window.element("section[aria-labelledby=integrity]").text

    cookie = {"session": window.browser.get_cookie("session")["value"]}
    for form in ("csv", "junit", "gradescope", "html", "markdown", "attempts"):
        answer = httpx.get(f"{window.url}/dashboard/assignment0_tiny/export/{form}", cookies=cookie, timeout=60)
        assert answer.status_code == 200, (form, answer.text)
        assert "attachment" in answer.headers["content-disposition"]
        if form == "csv":
            table = list(csv.DictReader(io.StringIO(answer.text)))
            assert any(row["submission"].startswith(student.name) and float(row["score"]) == 2 for row in table)
        if form in ("gradescope", "html", "markdown"):
            with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
                assert any(name.startswith(student.name) for name in archive.namelist())
    window.open("/audit")
    assert student.name in window.element("main").text


def test_what_an_error_of_ours_kept_back_is_graded_again_at_a_press(window, office, person, hand_in_zip):
    student, ta = person(), person(Role.TA)
    sent = course_server.sent(office, student.account, hand_in_zip).submission.id
    assert [item.id for item in office.queue.claim("test", 1).items] == [sent]
    office.queue.finish("test", sent, Result(State.FAILED, reason="the disk is full"))
    window.log_in(student.token)
    window.open(f"/hand-ins/{sent}")
    assert "It costs nobody points" in window.element(".notice").text
    assert "the disk is full" not in window.browser.page_source
    window.log_in(ta.token)
    window.open(f"/hand-ins/{sent}")
    assert "the disk is full" in window.element(".notice").text
    window.press(".notice button")
    assert "waiting" in window.element("dl.facts").text
    office.queue.claim("test", 1)
    office.queue.finish("test", sent, Result(State.REFUSED, reason=MARKUP))


def test_what_others_wrote_is_text_and_nothing_else(window, office, person, hand_in_zip):
    ta = person(Role.TA)
    sent = course_server.sent(office, ta.account, hand_in_zip).submission.id
    office.queue.claim("test", 1)
    office.queue.finish("test", sent, Result(State.REFUSED, reason=MARKUP))
    window.log_in(ta.token)
    window.open(f"/hand-ins/{sent}")
    assert MARKUP in window.element(".notice").text
    assert window.texts("main img") == window.texts("main b") == []
    assert window.complaints() == []


@pytest.mark.parametrize(("size", "scheme"), [(DESK, "light"), (DESK, "dark"), (PHONE, "light")])
def test_every_page_is_open_to_everybody_and_fits_the_window(
    window, office, person, enter, hand_in_zip, work, size, scheme
):
    student, ta = person(), person(Role.TA)
    entry = enter(student, step=2, claim=6)
    graded = course_server.sent(office, student.account, hand_in_zip).submission.id
    work()
    waiting = enter(student, step=4)
    sent = course_server.sent(office, ta.account, hand_in_zip).submission.id
    window.look(size, scheme)
    wrong = []
    for viewer, paths in (
        (None, ("/", BOARD, f"/entries/{entry}", f"/entries/{waiting}", "/log-in", "/nowhere")),
        (
            ta,
            ("/own", f"/hand-ins/{sent}", f"/hand-ins/{graded}", "/dashboard", "/dashboard/assignment0_tiny", "/audit"),
        ),
    ):
        if viewer is not None:
            window.log_in(viewer.token)
        for path in paths:
            window.open(path)
            wrong += [f"{path}: {found}" for found in window.violations()]
            wrong += [f"{path}: wider than the window"] if window.overflows() else []
    assert wrong == []
    work()


def test_a_page_says_where_else_it_may_not_be_asked_from(window):
    answer = httpx.get(window.url + "/log-in")
    policy = answer.headers["content-security-policy"]
    assert "script-src 'none'" in policy or "default-src 'none'" in policy
    assert "unsafe" not in policy
    elsewhere = httpx.post(
        window.url + "/log-in", content=urlencode({"token": "x"}),
        headers={"Origin": "http://elsewhere.example", "Content-Type": "application/x-www-form-urlencoded"},
    )  # fmt: skip
    assert elsewhere.status_code == 403


def test_the_style_sheet_is_sent_once(window):
    first = httpx.get(window.url + "/static/style.css")
    assert first.headers["content-type"].startswith("text/css")
    again = httpx.get(window.url + "/static/style.css", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
