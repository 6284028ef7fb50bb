"""A real Chromium, and pages that may not load anything from outside the folder or print an error."""

from __future__ import annotations

import io
import os
import queue
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import numpy as np
import pytest
from PIL import Image as PILImage
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

import runlog_viewer

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "headless_shell")
SWITCHES = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--force-color-profile=srgb",
]
# What is waited for comes in an instant; on a machine that has other things to do it must not be given up.
PATIENCE_MS = 30_000
expect.set_options(timeout=PATIENCE_MS)


def _executable() -> str:
    found = os.environ.get("RUNLOG_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip(f"a browser is not installed: one of {', '.join(NAMES)}, or what RUNLOG_CHROMIUM names")
    return found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start Chromium, once for all tests."""
    executable = _executable()
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=SWITCHES)
        yield chromium
        chromium.close()


class Watched:
    """What pages asked for and complained about, to be judged when the test ends."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.origins: list[str] = []

    def listen_to(self, page: Page) -> None:
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: self.complaints.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: self.complaints.append(f"dialog: {dialog.message}"))

    def strangers(self, folder: Path) -> list[str]:
        """Return the requests that left the folder."""
        return [url for url in self.requests if not self._is_inside(url, folder)]

    def _is_inside(self, url: str, folder: Path) -> bool:
        parts = urlsplit(url)
        if parts.scheme == "file":
            return Path(unquote(parts.path)).is_relative_to(folder)
        return parts.scheme == "data" or any(url.startswith(origin) for origin in self.origins)


@pytest.fixture
def watched(runs: Path) -> Iterator[Watched]:
    """Give the record of what pages did; at the end, nothing may have left the folder or gone wrong."""
    record = Watched()
    yield record
    assert record.complaints == []
    assert record.strangers(runs) == []


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """Return the runs folder that `start` logs to."""
    return tmp_path / "runs"


@pytest.fixture
def servers() -> Iterator[ExitStack]:
    """Give a stack of what must go on until the pages are closed, lest they complain."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def open_page(browser: Browser, watched: Watched, servers: ExitStack) -> Iterator[Callable[..., Page]]:
    """Return a function that opens an address, a file or what another page shows, in a fresh context."""
    contexts: list[BrowserContext] = []

    def open_it(address: str | Path | Page, **options: object) -> Page:
        if isinstance(address, Page):  # its `url` is as old as the latest event that came from the browser
            address = str(address.evaluate("location.href"))
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        watched.listen_to(page)
        page.goto(address.as_uri() if isinstance(address, Path) else address)
        return page

    yield open_it
    for context in contexts:
        context.close()


@contextmanager
def _watching(folder: Path) -> Iterator[Path]:
    """Keep the site of a folder up to date in a thread, as ``runlog watch`` does; give the site's folder."""
    built: queue.Queue[Path] = queue.Queue()
    stop = threading.Event()

    def follow() -> None:
        for result in runlog_viewer.watch(folder):
            built.put(result.index.parent)
            if stop.is_set():
                return

    threading.Thread(target=follow, daemon=True).start()
    yield built.get(timeout=PATIENCE_MS / 1000)
    stop.set()


@pytest.fixture(params=["file", "http"])
def live_site(
    request: pytest.FixtureRequest, runs: Path, watched: Watched, servers: ExitStack
) -> Callable[[str], str]:
    """Return a function from a path in the runs folder to its address; its first call starts to watch."""

    @cache
    def base() -> tuple[str, str]:
        site = servers.enter_context(_watching(runs))
        if request.param == "file":
            return f"{site.as_uri()}/", ""
        origin, _, token = servers.enter_context(runlog_viewer.Server(site)).url.partition("?")
        watched.origins.append(origin)
        return origin, f"?{token}"

    return lambda path: path.join(base())


def pixels(page: Page, selector: str) -> np.ndarray:
    """Return the device pixels of an element as they are on screen: H×W×3."""
    png = page.locator(selector).first.screenshot()
    return np.asarray(PILImage.open(io.BytesIO(png)).convert("RGB"))


@pytest.fixture
def shoot() -> Callable[[Page, str], np.ndarray]:
    """Return `pixels`."""
    return pixels


@pytest.fixture
def wait_for_script() -> Callable[[Page, str], None]:
    """Return a function that waits until an expression holds in a page.

    That of Playwright evaluates in the page, whose Content-Security-Policy forbids it unless the
    expression holds at once.
    """

    def wait(page: Page, expression: str, seconds: float = PATIENCE_MS / 1000) -> None:
        deadline = time.monotonic() + seconds
        while not page.evaluate(expression):
            assert time.monotonic() < deadline, f"after {seconds} s still not: {expression}"
            page.wait_for_timeout(20)

    return wait


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let pages be tested with what a script is warned about: replaced pictures, keys of two kinds."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            for message in ("were replaced by those of a later call", "at one step the last one stays"):
                item.add_marker(pytest.mark.filterwarnings(f"ignore:.*{message}:runlog.RunlogWarning"))
