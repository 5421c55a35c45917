"""How soon every page is there, and how soon its exhibits answer, once the server is warm.

    python -m benchmarks.pages

Per page: seconds from the address until title and last link are drawn (median of three fresh visits), and milliseconds
from a key press on each slider until the charts are drawn anew (median over its sliders, and the slowest).
"""

import statistics
import time

from benchmarks.harness import BOARD, app_server, headless_chromium
from pages.ui.frame import PAGES

DRAWN = f"[...document.querySelectorAll('{BOARD}')].map(b => b.dataset.updates).join()"


def visit(browser, url: str) -> tuple[object, float]:
    """A fresh visitor's page, and the seconds until it is there."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    start = time.monotonic()
    page.goto(url)
    page.wait_for_selector("h1")
    page.wait_for_selector("[data-testid=stMain] [data-testid=stPageLink]:last-of-type", timeout=60_000)
    return page, time.monotonic() - start


def answer(page, slider) -> float:
    """Milliseconds from a key press on a slider until a chart was drawn again; inf if none was."""
    slider.focus()
    page.evaluate(
        """drawn => { window.answer = new Promise(resolve => addEventListener('keydown', e => {
            const before = eval(drawn), look = () => eval(drawn) !== before ? resolve(performance.now() - e.timeStamp)
                : performance.now() - e.timeStamp > 8000 ? resolve(Infinity) : requestAnimationFrame(look);
            look();
        }, { once: true, capture: true })); }""",
        DRAWN,
    )
    at_end = slider.get_attribute("aria-valuenow") == slider.get_attribute("aria-valuemax")
    page.keyboard.press("ArrowLeft" if at_end else "ArrowRight")
    return page.evaluate("window.answer")


def main() -> None:
    print("| page | there after, s | sliders | slider to chart, ms: median | slowest |\n|---|---|---|---|---|")
    with app_server() as (url, _), headless_chromium() as browser:
        for entry in PAGES:
            slug = (
                ""
                if entry.path == "home.py"
                else entry.path.removeprefix("pages/").removesuffix(".py").split("_", 1)[1]
            )
            visit(browser, f"{url}/{slug}")[0].context.close()  # warms the caches
            times = []
            for _ in range(3):
                page, seconds = visit(browser, f"{url}/{slug}")
                times.append(seconds)
                if len(times) < 3:
                    page.context.close()
            page.wait_for_timeout(2500)
            sliders = page.locator("[data-testid=stMain] [data-testid=stSlider]").get_by_role("slider")
            live = "_train_" in entry.path  # those are measured by benchmarks.live
            answers = [] if live else [answer(page, sliders.nth(i)) for i in range(sliders.count())]
            page.context.close()
            numbers = f"{statistics.median(answers):.0f} | {max(answers):.0f}" if answers else "– | –"
            print(f"| {slug or 'home'} | {statistics.median(times):.1f} | {len(answers)} | {numbers} |", flush=True)


if __name__ == "__main__":
    main()
