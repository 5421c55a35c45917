"""What a visitor does on a live page, by the labels on screen."""

from urllib.parse import parse_qs, urlparse

from benchmarks.harness import board, wait_until


def press(page, name: str) -> None:
    page.get_by_role("button", name=name).first.click()


def step(page) -> int:
    return int(board(page)["step"])


def address(page) -> dict[str, list[str]]:
    """The query of the page's address."""
    return parse_qs(urlparse(page.url).query)


def slide(page, label: str, presses: int) -> None:
    """Move a slider by the arrow keys."""
    thumb = page.locator("[data-testid=stSlider]", has_text=label).get_by_role("slider")
    thumb.focus()
    for _ in range(abs(presses)):
        thumb.press("ArrowRight" if presses > 0 else "ArrowLeft")


def pause(page) -> int:
    """Pause; returns the step at which it stands."""
    press(page, "Pause")
    wait_until(lambda: board(page)["state"] == "paused", 20, "the board did not pause")
    return step(page)
