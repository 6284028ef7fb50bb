"""A real Chromium, and pages that may not load anything from outside the folder or print an error."""

from __future__ import annotations

import io
import os
import queue
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from itertools import cycle
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
    "--renderer-process-limit=1",  # the pages of a context share one process, which `Contexts` keeps
]
# What is waited for comes in an instant; on a machine that has other things to do it must not be given up.
PATIENCE_MS = 30_000
WINDOW = {"width": 1280, "height": 900}
# How the site of a run that goes on is loaded.
LIVE = ("file", "http")
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


class Contexts:
    """Contexts in which nothing is left of their last test: a process for a page costs as much as the page.

    Each has a blank page, for the process to stay when the pages of a test are closed. What pages store is
    that of all files, and is cleared in it, or that of a server, as its cache is; all else that a test sets
    or leaves behind is that of its pages.
    """

    MOST = 10

    def __init__(self, browser: Browser, blank: Path) -> None:
        self._browser = browser
        self._blank = blank.as_uri()
        self._unused: list[tuple[dict[str, object], BrowserContext]] = []

    def take(self, options: dict[str, object]) -> BrowserContext:
        """Return a context with such options, as if it were new."""
        for number, (its_options, context) in enumerate(self._unused):
            if its_options == options:
                del self._unused[number]
                return context
        context = self._browser.new_context(viewport=WINDOW, **options)
        context.set_default_timeout(PATIENCE_MS)
        context.new_page().goto(self._blank)
        return context

    def give_back(self, options: dict[str, object], context: BrowserContext) -> None:
        """Close the pages of a context; keep it, if there is nothing that only a new one would be without."""
        if not context.pages:  # a test has closed it
            return
        blank, *pages = context.pages
        addresses = [urlsplit(page.url) for page in pages]
        for page in pages:
            page.close()
        if blank.url != self._blank or {address.scheme for address in addresses} - {"about", "file", "http"}:
            context.close()
            return
        blank.evaluate("localStorage.clear()")
        if servers := {f"http://{address.netloc}" for address in addresses if address.scheme == "http"}:
            session = context.new_cdp_session(blank)
            for origin in servers:
                session.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
            session.send("Network.clearBrowserCache")
            session.detach()
        self._unused.append((options, context))
        if len(self._unused) > self.MOST:
            self._unused.pop(0)[1].close()


@pytest.fixture(scope="session")
def contexts(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Contexts:
    """Return the contexts that all tests share."""
    blank = tmp_path_factory.mktemp("blank") / "blank.html"
    blank.write_text("<!doctype html><title>blank</title>")
    return Contexts(browser, blank)


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

    def strangers(self, *folders: Path) -> list[str]:
        """Return the requests that left the folders."""
        return [url for url in self.requests if not any(self._is_inside(url, folder) for folder in folders)]

    def _is_inside(self, url: str, folder: Path) -> bool:
        parts = urlsplit(url)
        if parts.scheme == "file":
            return Path(unquote(parts.path)).is_relative_to(folder)
        return parts.scheme == "data" or any(url.startswith(origin) for origin in self.origins)


@pytest.fixture
def watched(runs: Path, shared_runs: Path) -> Iterator[Watched]:
    """Give the record of what pages did; at the end, nothing may have left the runs or gone wrong."""
    record = Watched()
    yield record
    assert record.complaints == []
    assert record.strangers(runs, shared_runs) == []


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
def open_page(contexts: Contexts, watched: Watched, servers: ExitStack) -> Iterator[Callable[..., Page]]:
    """Return a function that opens an address, a file or what another page shows, in a context of its own.

    Its window and what it prefers are set for the page, and do not ask for another kind of context.
    """
    taken: list[tuple[dict[str, object], BrowserContext]] = []

    def open_it(address: str | Path | Page, **options: object) -> Page:
        if isinstance(address, Page):  # its `url` is as old as the latest event that came from the browser
            address = str(address.evaluate("location.href"))
        of_page = {name: options.pop(name) for name in ("color_scheme", "reduced_motion") if name in options}
        viewport = options.pop("viewport", WINDOW)
        context = contexts.take(options)
        taken.append((options, context))
        page = context.new_page()
        if viewport != WINDOW:
            page.set_viewport_size(viewport)
        if of_page:
            page.emulate_media(**of_page)
        watched.listen_to(page)
        page.goto(address.as_uri() if isinstance(address, Path) else address)
        return page

    yield open_it
    for options, context in taken:
        contexts.give_back(options, context)


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
    # It hears of its end with the next change: else it would look at the folder for as long as tests run.
    with suppress(OSError):
        (folder / "end").mkdir()
        (folder / "end/run.db").touch()


@pytest.fixture(params=LIVE)
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


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let pages be tested with what a script is warned about; a full matrix is a suite of its own."""
    functions: dict[tuple[Path, str], list[pytest.Function]] = {}
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            for message in ("were replaced by those of a later call", "at one step the last one stays"):
                item.add_marker(pytest.mark.filterwarnings(f"ignore:.*{message}:runlog.RunlogWarning"))
            if isinstance(item, pytest.Function) and hasattr(item, "callspec"):
                functions.setdefault((item.path, item.originalname), []).append(item)
    ways = cycle(LIVE)
    for alternatives in functions.values():
        chosen = sample(alternatives, next(ways) if "live_site" in alternatives[0].fixturenames else None)
        for item in alternatives:
            if item not in chosen:
                item.add_marker("browser_matrix")


def sample(alternatives: list[pytest.Function], way: str | None) -> list[pytest.Function]:
    """Choose few cases of a test in which each case of each parametrization comes up; one way of serving."""
    values = {item: set(_parameters(item)) for item in alternatives}
    if any(("live_site", way) in found for found in values.values()):
        values = {item: found for item, found in values.items() if ("live_site", way) in found}
    missing = set().union(*values.values())
    chosen = []
    while missing:
        best = max(values, key=lambda item: len(missing & values[item]))
        missing -= values[best]
        chosen.append(best)
    return chosen


def _parameters(item: pytest.Function) -> Iterator[tuple[str, str]]:
    """Yield what each parametrization gives to a test: its names, and their values."""
    given = dict(item.callspec.params)
    for mark in item.iter_markers("parametrize"):
        names = mark.args[0] if isinstance(mark.args[0], str) else ",".join(mark.args[0])
        yield names, repr([given.pop(name.strip()) for name in names.split(",")])
    yield from ((name, str(value)) for name, value in given.items())
