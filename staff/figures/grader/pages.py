"""Pictures of the pages that `make demo` leaves behind, as a browser shows them: `docs/report.png` and `docs/leaderboard.png`.

`make demo` and then `python -m staff.figures.grader.pages` takes them again. Needs Chromium.
"""

import http.client
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from staff.demo import OUT, ROOT
from staff.demo_server import BOARD, PORT

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
REPORT, LEADERBOARD = ROOT / "docs" / "report.png", ROOT / "docs" / "leaderboard.png"
TRACK = "regret"
WIDTH, REPORT_HEIGHT, LEADERBOARD_HEIGHT = 1440, 1370, 940
SECONDS = 60


def picture(address: str, file: Path, height: int) -> None:
    """Write what a window of this height shows of the page at `address`."""
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        sys.exit(f"no browser was found; expected one of {', '.join(BROWSERS)}")
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium's own does not work for root
    with tempfile.TemporaryDirectory(prefix="pages-") as profile:
        command = [
            browser, "--headless", *sandbox, "--disable-gpu", "--hide-scrollbars", "--no-first-run",
            "--disable-background-networking", f"--user-data-dir={profile}", f"--window-size={WIDTH},{height}",
            f"--screenshot={file}", address,
        ]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True, timeout=SECONDS)
    print(file)


@contextmanager
def served(data: Path) -> Iterator[str]:
    """The address of the demo's course server, which ends with the block."""
    command = [sys.executable, "-m", "grader", "serve", "--data", str(data), "--port", str(PORT)]
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + SECONDS
        while not _answers():
            if server.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"the server of {data} did not come up; expected what `make demo` leaves behind")
            time.sleep(0.1)
        yield f"http://127.0.0.1:{PORT}"
    finally:
        server.terminate()
        server.wait(SECONDS)


def _answers() -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=1)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status < 500
    except OSError:
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    report = OUT / "report" / "class.html"
    if not report.is_file():
        sys.exit(f"{report}: not there; run `make demo` first")
    picture(report.as_uri(), REPORT, REPORT_HEIGHT)
    with served(OUT / "server") as address:
        picture(f"{address}/leaderboards/{BOARD}/{TRACK}", LEADERBOARD, LEADERBOARD_HEIGHT)
