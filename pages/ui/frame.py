"""What every page has: its configuration, the sidebar with the table of contents, the language, the link."""

import importlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from pages.ui import tidying
from pages.ui.rooms import visit
from pages.ui.text import LANGUAGES, language, tr


@dataclass(frozen=True)
class Page:
    """A line of the table of contents; `title` is a key of the Korean catalogue."""

    path: str
    title: str
    icon: str
    group: str


# To add a page: add its file to pages/ and its line here.
PAGES = (
    Page("home.py", "What is a GAN?", ":material/home:", "Understand"),
    Page("pages/01_the_game.py", "What is the game?", ":material/sports_esports:", "Understand"),
    Page("pages/02_value_function.py", "The value function", ":material/functions:", "Understand"),
    Page("pages/03_optimal_discriminator.py", "The perfect officer", ":material/local_police:", "Understand"),
    Page("pages/04_divergences.py", "How far apart?", ":material/compare_arrows:", "Understand"),
    Page("pages/05_game_value.py", "Divergence to game", ":material/balance:", "Understand"),
    Page("pages/06_generator_losses.py", "Two generator losses", ":material/call_split:", "Understand"),
    Page("pages/07_networks.py", "Inside the networks", ":material/hub:", "Train"),
    Page("pages/08_one_step.py", "Anatomy of one step", ":material/footprint:", "Train"),
    Page("pages/09_train_1d.py", "Train a 1D GAN", ":material/show_chart:", "Train"),
    Page("pages/10_train_2d.py", "Train a 2D GAN", ":material/bubble_chart:", "Train"),
    Page("pages/11_train_mnist.py", "Train on handwriting", ":material/draw:", "Train"),
    Page("pages/12_gallery.py", "Failures and cures", ":material/collections:", "Train"),
    Page("pages/13_why_it_spins.py", "Why does it spin?", ":material/cyclone:", "Explore"),
    Page("pages/14_how_good.py", "How good is it?", ":material/straighten:", "Explore"),
    Page("pages/15_settings_map.py", "The map of settings", ":material/grid_on:", "Explore"),
    Page("pages/16_critic.py", "A critic, not a judge", ":material/rate_review:", "After 2014"),
    Page("pages/17_draw_a_seven.py", "Draw me a 7", ":material/pin:", "After 2014"),
    Page("pages/18_metrics.py", "How good, as practised", ":material/policy:", "After 2014"),
    Page("pages/19_few_examples.py", "Too few examples", ":material/psychology:", "After 2014"),
    Page("pages/20_to_today.py", "From 2014 to today", ":material/timeline:", "After 2014"),
    Page("pages/21_teaching.py", "Paths and sheets", ":material/route:", "Look up"),
    Page("pages/22_note_corrected.py", "The note, corrected", ":material/fact_check:", "Look up"),
    Page("pages/23_glossary.py", "Glossary and sources", ":material/menu_book:", "Look up"),
)

_COLLECT_EVERY = 60.0  # seconds
_last_collection = time.monotonic()


def page_header(path: str, *, stage: bool = False) -> None:
    """Configure the page and draw the sidebar. Call first on every page.

    Args:
        path: the page's path in PAGES.
        stage: whether the page has a stage, which needs the whole width: the sidebar is folded at first.
    """
    page = next(p for p in PAGES if p.path == path)
    st.set_page_config(page_title=f"{tr(page.title)} · GAN", page_icon="🎭", layout="wide",
                       initial_sidebar_state="collapsed" if stage else 256)  # fmt: skip
    visit.take_part(path, stage=stage)
    with st.sidebar:
        table_of_contents()
        visit.door()
        st.space("small")
        chosen = st.segmented_control(
            "Language · 언어",
            list(LANGUAGES),
            format_func=LANGUAGES.__getitem__,
            default=language(),
            required=True,
            key="lang_choice",
        )
        if chosen != language():
            st.session_state.lang = chosen
            st.rerun()
        st.caption(tr("Light or dark: menu ⋮ at the top right → Settings."))
        _tell_the_browser()
        if stage:
            st.html(f"<style>{_WHOLE_WINDOW}</style>")
    if language() != st.query_params.get("lang", "en"):
        set_link({k: v for k, v in st.query_params.items() if k != "lang"})
    collect_garbage()
    if path != PAGES[0].path:  # the home page can do without PyTorch, which takes seconds, see `operations.lifespan`;
        # elsewhere SciPy asks one that is loaded by half in another thread for what it has not yet
        importlib.import_module("gan_core.runner")


# Streamlit adds an entry to the browser's history for every new query (streamlit#13853), so that Back would have to be
# pressed once per move of a slider. It has no setting for that; here an entry is a page, and a new query replaces the old.
_BACK_LEAVES_THE_PAGE = """
if (!history.entryPerPage) {
  const push = history.pushState.bind(history);
  history.pushState = (state, title, url) =>
    new URL(url, location).pathname === location.pathname
      ? history.replaceState(state, title, url)
      : push(state, title, url);
  history.entryPerPage = true;
}"""

# The stage begins at the top of the window: Streamlit's bar lies over the row of its menus, and lets clicks through.
_WHOLE_WINDOW = """
[data-testid=stMainBlockContainer] { padding: 0.45rem 1rem 3rem; max-width: none; }
header[data-testid=stHeader], header[data-testid=stHeader] div { background: none; pointer-events: none; }
header[data-testid=stHeader] :is(button, a), header[data-testid=stHeader] button * { pointer-events: auto; }
.st-key-stage_head { padding: 0 2.6rem 0 3rem; }
.st-key-stage_head h1 { font-size: 1.4rem; padding: 0.35rem 0.5rem 0.35rem 0; white-space: nowrap; }
[data-testid=stMainBlockContainer] > [data-testid=stVerticalBlock] { gap: 0.5rem; }
@media (max-width: 640px) {
  .st-key-stage_head { padding: 0; gap: 0.4rem; }
  .st-key-stage_head h1 { padding-left: 2.7rem; font-size: 1.15rem; }
  .st-key-stage_head > [data-testid=stLayoutWrapper]:has(.stSelectbox) { order: 1; flex: 1 0 100%; width: 100%; }
  .st-key-stage_head :is([data-testid=stLayoutWrapper], .stVerticalBlock):has(.stSelectbox) { width: 100%; }
  .st-key-stage_head .stHorizontalBlock { width: 100%; gap: 0.4rem; }
  .st-key-stage_head .stElementContainer:has(.stSelectbox) { width: auto; flex: 1 1 40%; min-width: 0; }
  .st-key-stage_head .stSelectbox { width: 100%; }
}"""

_RUNS = "gan_runs"  # cookie: this browser's runs, the latest first
_N_RUNS = 8


def _tell_the_browser() -> None:
    """Let the document name the language it is in, for screen readers and translators, break Korean lines between
    words only, and let Back leave the page. Streamlit has no API for any of them."""
    keep = "[data-testid=stMain] :is(p, li, td, th, label, h1, h2, h3, h4, summary), .lb-message"
    style = f"<style>html:lang(ko) :is({keep}) {{ word-break: keep-all; overflow-wrap: break-word; }}</style>"
    script = f"<script>document.documentElement.lang = {language()!r};{_BACK_LEAVES_THE_PAGE}</script>"
    st.html(style + script, unsafe_allow_javascript=True)


def table_of_contents() -> None:
    """Links to all pages, by group."""
    for group in dict.fromkeys(p.group for p in PAGES):
        st.caption(tr(group))
        for p in PAGES:
            if p.group == group:
                st.page_link(p.path, label=tr(p.title), icon=p.icon)


def set_link(params: Mapping[str, str]) -> None:
    """Make the address of the page a link to what it shows.

    Args:
        params: the experiment, without the language.
    """
    wanted = dict(params)
    if visit.ADDRESS in st.query_params:
        wanted[visit.ADDRESS] = st.query_params[visit.ADDRESS]
    if language() != "en":
        wanted["lang"] = language()
    if wanted != st.query_params.to_dict():
        st.query_params.from_dict(wanted)


def runs_of_browser() -> list[str]:
    """The ids of the runs that this browser was told to keep, the latest first, as it sent them when it connected."""
    return [run for run in str(st.context.cookies.get(_RUNS, "")).split(".")[:_N_RUNS] if run]


def let_browser_keep(run_id: str) -> None:
    """Let the browser remember a run until it is closed, so that a page that is loaded again finds it.

    A cookie, since Python reads it before the first picture, and without an entry in the address, which others get.
    """
    st.sidebar.html(
        f"""<script>{{
  const id = {json.dumps(run_id)};
  const kept = (document.cookie.match(/(?:^|; ){_RUNS}=([^;]*)/)?.[1] ?? "").split(".").filter((x) => x && x !== id);
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `{_RUNS}=${{[id, ...kept].slice(0, {_N_RUNS}).join(".")}}; path=/; SameSite=Strict${{secure}}`;
}}</script>""",
        unsafe_allow_javascript=True,
    )


def collect_garbage() -> None:
    """Collect garbage once a minute. Streamlit would do it after every run of a fragment, at ~100 ms of CPU each
    time; .streamlit/config.toml turns that off."""
    global _last_collection
    if time.monotonic() - _last_collection > _COLLECT_EVERY:
        _last_collection = time.monotonic()
        tidying.tidy()
