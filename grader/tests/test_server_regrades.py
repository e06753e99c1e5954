"""What a change of points would change, as the dashboard shows it before anybody applies it."""

import shutil
from pathlib import Path

import httpx

from grader.server.role import Role
from grader.server.worker import Worker
from grader.tests import course_server
from grader.tests.course_browser import served


def test_the_dashboard_sets_old_and_new_points_side_by_side(tiny, handin, tmp_path):
    archive = Path(shutil.make_archive(str(tmp_path / "heron"), "zip", handin()))
    with course_server.office(tiny.root, tmp_path / "data", **course_server.PLENTY) as office:
        token = office.accounts.add("tern", Role.TA, actor="test")
        course_server.sent(office, course_server.person(office, "heron"), archive)
        Worker(office, 1).step()
        with served(office) as url, httpx.Client(base_url=url, timeout=60) as client:
            assert client.post("/log-in", data={"token": token}).status_code == 303
            before = client.get(f"/dashboard/{tiny.name}").text
            tiny.toml.write_text(tiny.toml.read_text().replace("points = 2", "points = 7"))
            after = client.get(f"/dashboard/{tiny.name}").text
    assert "Proposed by a regrade" not in before
    [row] = [part for part in after.partition("Proposed by a regrade")[2].split("<tr>") if "heron-1</th>" in part]
    assert "<b>10</b>" in row
    assert "+5" in row
