"""The course server in a headless Chromium, as people use it; and axe, which looks for what shuts people out."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

import uvicorn
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from assignment3_scaling.service.tests.live import Signalling
from grader.server.app import create_app
from grader.server.office import Office

SECONDS = 120
PHONE, DESK = (390, 800), (1280, 900)


@contextmanager
def served(office: Office) -> Iterator[str]:
    """The address of a server over `office`, in a thread, which ends with the block."""
    server = Signalling(
        uvicorn.Config(create_app(office), host="127.0.0.1", port=0, log_level="error", access_log=False)
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        assert server.listens.wait(SECONDS), "the server did not come up"
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(SECONDS)
        assert not thread.is_alive(), "the server did not stop"


class Pages:
    """The server's pages in a tab, by what is seen in them."""

    def __init__(self, browser: webdriver.Chrome, url: str) -> None:
        self.browser, self.url = browser, url
        self._axe = (resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")

    def look(self, size: tuple[int, int] = DESK, scheme: str = "light") -> None:
        """Show pages from now on in a window of this size, to somebody who prefers `light` or `dark`."""
        width, height = size
        self._devtools(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False
        )
        self._devtools("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def open(self, path: str) -> None:
        """Go to a page."""
        self.browser.get(self.url + path)

    @property
    def path(self) -> str:
        """Where the browser is."""
        return self.browser.current_url.removeprefix(self.url)

    def log_in(self, token: str) -> None:
        """Log in, from nobody."""
        self.browser.delete_all_cookies()
        self.open("/log-in")
        self.element("#token").send_keys(token)
        self.press("main button")

    def element(self, selector: str):
        """The first element of a CSS selector."""
        return self.browser.find_element(By.CSS_SELECTOR, selector)

    def texts(self, selector: str) -> list[str]:
        """What the elements of a CSS selector say, in order."""
        return [element.text for element in self.browser.find_elements(By.CSS_SELECTOR, selector)]

    def press(self, selector: str) -> None:
        """Press a button that leads to another page, and wait for that page."""
        button = self.element(selector)
        button.click()
        self._follow(button)

    def enter(self, text: str) -> None:
        """Type into what has the focus, press Enter, and wait for the page that this leads to."""
        field = self.browser.switch_to.active_element
        field.send_keys(text, Keys.ENTER)
        self._follow(field)

    def _follow(self, element) -> None:
        """Wait until the page of this element has given way to another one."""
        WebDriverWait(self.browser, SECONDS, poll_frequency=0.05).until(
            lambda browser: _is_gone(element) and browser.execute_script("return document.readyState") == "complete"
        )

    def violations(self) -> list[str]:
        """What axe finds wrong with the page, and where."""
        self.browser.set_script_timeout(SECONDS)
        self.browser.execute_script(self._axe)
        return self.browser.execute_async_script(
            "const done = arguments[0]; axe.run().then(found => done(found.violations.flatMap("
            "rule => rule.nodes.map(node => `${rule.id}: ${node.target.join(' ')}`))))"
        )

    def overflows(self) -> bool:
        """Whether the page is wider than the window."""
        return self.browser.execute_script("return document.documentElement.scrollWidth > window.innerWidth")

    def complaints(self) -> list[str]:
        """What the browser found wrong: what its policy blocked, a file that is missing."""
        return [entry["message"] for entry in self.browser.get_log("browser") if entry["level"] == "SEVERE"]

    def screenshot(self, file: Path) -> None:
        """What the window shows, as an image."""
        self.browser.save_screenshot(str(file))

    def _devtools(self, command: str, **arguments):
        return self.browser.execute_cdp_cmd(command, arguments)


def _is_gone(element) -> bool:
    try:
        element.is_enabled()
    except WebDriverException:  # Chromium's word for it depends on whether its page is being torn down or is gone
        return True
    return False
