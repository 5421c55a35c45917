"""Pictures of every page: wide and phone width, light and dark, both languages.

    python -m benchmarks.screenshots             # all, into build/screenshots/
    python -m benchmarks.screenshots --readme    # the one in the README

A live page is trained to a fixed step first, so that the pictures are the same every time.
"""

import argparse
from pathlib import Path

from benchmarks.harness import BOARD, ROOT, app_server, board, headless_chromium, wait_until
from pages.ui.frame import PAGES

SIZES = {"wide": (1600, 1000), "phone": (390, 844)}
README = ROOT / "benchmarks" / "screenshots" / "train_1d.png"


def show(page, url: str, path: str, language: str, steps: int) -> None:
    """Open a page; a live one is trained for `steps` steps, a multiple of 100."""
    slug = "" if path == "home.py" else Path(path).stem.split("_", 1)[1]
    page.goto(f"{url}/{slug}?lang={language}")
    page.wait_for_selector("h1", timeout=60_000)
    page.wait_for_timeout(1500)
    if "_train_" in path:
        page.wait_for_selector(f"{BOARD}[data-step]", timeout=60_000)
        for done in range(100, steps + 1, 100):
            page.get_by_role("button", name="×100", exact=True).click()
            wait_until(lambda done=done: board(page)["step"] == str(done), 60, f"step {done} was not reached")
        page.mouse.move(5, 400)
        page.wait_for_timeout(1500)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--readme", action="store_true")
    args = parser.parse_args()
    with app_server() as (url, _), headless_chromium() as browser:
        if args.readme:
            README.parent.mkdir(exist_ok=True)
            page = browser.new_page(viewport={"width": 1600, "height": 1060})
            show(page, url, "pages/09_train_1d.py", "en", 1500)
            page.screenshot(path=README)
            print(README.relative_to(ROOT))
            return
        folder = ROOT / "build" / "screenshots"
        folder.mkdir(parents=True, exist_ok=True)
        for entry in PAGES:
            for size, (width, height) in SIZES.items():
                for scheme in ("light", "dark"):
                    for language in ("en", "ko"):
                        viewport = {"width": width, "height": height}
                        page = browser.new_page(viewport=viewport, color_scheme=scheme)
                        show(page, url, entry.path, language, 300)
                        content = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
                        page.set_viewport_size({"width": width, "height": max(height, content)})
                        page.wait_for_timeout(1500)
                        name = f"{Path(entry.path).stem}-{size}-{scheme}-{language}.png"
                        page.screenshot(path=folder / name)
                        print(f"build/screenshots/{name}", flush=True)
                        page.close()


if __name__ == "__main__":
    main()
