"""What a visitor does on a live page, by the labels on screen."""

from urllib.parse import parse_qs, urlparse

from benchmarks.harness import board, wait_until


def press(page, name: str) -> None:
    page.get_by_role("button", name=name).first.click()


def step(page) -> int:
    return int(board(page)["step"])


def address(page) -> dict[str, list[str]]:
    """The query of the page's address."""
    return parse_qs(urlparse(url(page)).query)


def url(page) -> str:
    """The page's address as it is now; Playwright's own `page.url` does not hear of all that a script writes into it."""
    return page.evaluate("location.href")


def setting(page, field: str):
    """A slider of the stage."""
    return page.get_by_test_id(f"setting-{field}").get_by_role("slider")


def go_to(page, name: str) -> None:
    """Open the page with this name, whose link lies in the sidebar, which a stage folds away."""
    show_sidebar(page)
    page.get_by_role("link", name=name).first.click(timeout=90_000)


def show_sidebar(page) -> None:
    """Fold the sidebar out, if it is not."""
    unfold = page.get_by_test_id("stExpandSidebarButton")
    if unfold.count() and unfold.is_visible():
        unfold.click()


def slide(page, field: str, presses: int) -> None:
    """Move a slider of the stage by the arrow keys."""
    thumb = setting(page, field)
    thumb.focus()
    for _ in range(abs(presses)):
        thumb.press("ArrowRight" if presses > 0 else "ArrowLeft")


def pause(page) -> int:
    """Pause; returns the step at which it stands."""
    press(page, "Pause")
    wait_until(lambda: board(page)["state"] == "paused", 20, "the board did not pause")
    return step(page)


def dialog(page, name):
    """Open the dialog of this name by the button of the same name."""
    page.get_by_role("button", name=name).click()
    found = page.get_by_role("dialog", name=name)
    found.wait_for()
    return found
