"""A headless Chromium, and the dashboard in it as a student would use it."""

import base64
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

SECONDS = 60
BROWSERS = (
    "chromium", "chromium-browser", "google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "/Applications/Chromium.app/Contents/MacOS/Chromium",
)  # fmt: skip


@contextmanager
def chromium(folder: Path) -> Iterator[webdriver.Chrome]:
    """A browser whose profile lies in `folder`."""
    binary = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    driver = shutil.which("chromedriver")
    assert binary, "Chromium is not installed; expected what `.ci/system python3 dev` installs"
    assert driver, "chromedriver is not installed; expected what `.ci/system python3 dev` installs"
    options = webdriver.ChromeOptions()
    options.binary_location = binary
    sandbox = ("--no-sandbox",) if os.geteuid() == 0 else ()  # Chromium's own does not work for root
    for argument in ("--headless=new", "--disable-dev-shm-usage", f"--user-data-dir={folder}", *sandbox):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    try:
        yield browser
    finally:
        browser.quit()


class Dashboard:
    """The page in a tab, by what is seen in it."""

    def __init__(self, browser: webdriver.Chrome, url: str) -> None:
        self.browser, self.url = browser, url

    def load(self, width: int = 1280, height: int = 900, scheme: str = "light") -> None:
        """The page as a new tab shows it, in a window of that size."""
        self._devtools(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False
        )
        self._devtools("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.browser.get(f"{self.url}/dashboard")
        self.script("sessionStorage.clear()")
        self.browser.refresh()

    def open(self, key: str, **window) -> None:
        """Load the page and give it the key."""
        self.load(**window)
        self.element("#key").send_keys(key, Keys.ENTER)
        self.until(lambda: self.element("#main").is_displayed(), "the page to open")

    def element(self, selector: str):
        """The first element of a CSS selector."""
        return self.browser.find_element(By.CSS_SELECTOR, selector)

    def elements(self, selector: str) -> list:
        """All of them."""
        return self.browser.find_elements(By.CSS_SELECTOR, selector)

    def text(self, selector: str) -> str:
        """What an element says."""
        return self.element(selector).text

    def field(self, path: str):
        """The input of a value."""
        return self.element(f'[data-path="{path}"] :is(input, select, textarea)')

    def problem(self, path: str) -> str:
        """What is said to be wrong with a value; empty if nothing is."""
        found = self.elements(f'[data-path="{path}"] .problem')
        return found[0].text if found else ""

    def fill(self, **values: object) -> None:
        """Write values into the form of a run, `architecture_config__hidden_size=64`."""
        for name, value in values.items():
            found = self.field(name.replace("__", "."))
            if not found.is_displayed():
                found.find_element(By.XPATH, "ancestor::details/summary").click()
            if found.tag_name == "select":
                Select(found).select_by_visible_text(str(value))
            else:
                found.clear()
                found.send_keys(str(value))

    def submit(self) -> None:
        """Press the button of the form of a run."""
        self.element("#run-form button.main").click()

    def rows(self) -> list[dict[str, str]]:
        """The table, top to bottom, by the headings; all of it at one moment."""
        return self.script(
            "return Array.from(document.querySelectorAll('#experiments tbody tr'), row =>"
            " Object.fromEntries(Array.from(row.cells, cell => [cell.dataset.label ?? '', cell.innerText])))"
        )

    def until(self, condition, what: str) -> None:
        """Wait for something to become true."""
        WebDriverWait(self.browser, SECONDS, poll_frequency=0.05).until(
            lambda _: condition(), f"waited {SECONDS} s for {what}; the page says {self.text('body')!r}"
        )

    def script(self, source: str):
        """The result of a script in the page."""
        return self.browser.execute_script(source)

    def complaints(self) -> list[str]:
        """What the browser found wrong with the page: errors of scripts, and what its policy blocked."""
        return [
            entry["message"]
            for entry in self.browser.get_log("browser")
            if entry["level"] == "SEVERE" and "Failed to load resource: the server responded" not in entry["message"]
        ]

    def screenshot(self, file: Path) -> None:
        """The whole page as an image."""
        found = self._devtools("Page.captureScreenshot", captureBeyondViewport=True, format="png")
        file.write_bytes(base64.b64decode(found["data"]))

    def _devtools(self, command: str, **arguments):
        return self.browser.execute_cdp_cmd(command, arguments)
