"""The examples of docs/proxy with the real nginx before the real app: a browser's sockets pass, and the metrics do not."""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request

import pytest

from benchmarks.harness import BOARD, ROOT, app_server, board, free_port, open_board, wait_until
from benchmarks.ray_cluster import ray_cluster
from tests.browser.actions import pause, press, setting, slide, step

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("nginx") is None, reason="no nginx found: install nginx-light"),
]

AROUND = """
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    {temporary}
    {content}
}}
"""
TEMPORARY = " ".join(
    f"{kind}_temp_path {{folder}}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
)


@contextlib.contextmanager
def nginx(folder, content):
    """nginx with this as the inside of http {}, which it has found to be without an error."""
    path = folder / "nginx.conf"
    path.write_text(AROUND.format(folder=folder, temporary=TEMPORARY.format(folder=folder), content=content), "utf-8")
    command = ["nginx", "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(path)]
    checked = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    assert "warn" not in checked.stderr
    run = [*command, "-g", "daemon off;"]
    process = subprocess.Popen(run)

    def restart():
        nonlocal process
        process.terminate()
        process.wait(10)
        process = subprocess.Popen(run)

    try:
        yield restart
    finally:
        process.terminate()
        process.wait(10)


def status(url):
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None


def plays(browser, url):
    """A visitor presses Play and sees it train, by sockets alone; returns the addresses of these."""
    page = browser.new_context().new_page()
    sockets, posts = [], []
    page.on("websocket", lambda socket: sockets.append(socket.url))
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    open_board(page, url)
    page.keyboard.press("Space")
    page.wait_for_function(f"Number(document.querySelector('{BOARD}').dataset.step) > 50", timeout=60_000)
    here = page.url
    page.context.close()
    assert [post for post in posts if "/gan/line/" in post] == []
    return here, sockets


def image_finds_it_well(app, path):
    """The health check of the image, as Docker would call it, but for the port."""
    text = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", "")
    _, *command = json.loads(re.search(r"^HEALTHCHECK .* CMD (\[.*\])$", text, re.MULTILINE)[1])
    port = re.search(r":(\d+)", app)[1]
    command = [argument.replace(":8501/", f":{port}/") for argument in command]
    for below, code in ((path, 0), (path + "x", 1)):
        environment = os.environ | {"STREAMLIT_SERVER_BASE_URL_PATH": below}
        done = subprocess.run([sys.executable, *command], env=environment, stderr=subprocess.DEVNULL, check=False)
        assert done.returncode == code


@pytest.mark.parametrize("path", ["", "gan-class"])
def test_one_server_behind_nginx(browser, tmp_path, path):
    port, below = free_port(), f"/{path}/" if path else "/"
    with app_server(workers="0", path=path) as (app, _):
        text = (ROOT / "docs/proxy/nginx.conf").read_text("utf-8")
        text = re.sub(r"\n +ssl_certificate.*", "", text).replace("listen 443 ssl;", f"listen 127.0.0.1:{port};")
        text = text.replace("http://127.0.0.1:8501", app.removesuffix(f"/{path}") if path else app)
        text = text.replace("location / {", f"location {below} {{")
        with nginx(tmp_path, text):
            url = f"http://127.0.0.1:{port}{below}"
            wait_until(lambda: status(url + "gan/health") == 200, 60, "it is not well")
            assert status(url + "gan/metrics") == 403  # a visitor from outside is no reader of this machine
            assert status(f"{app}/gan/metrics") == 200
            image_finds_it_well(app, path)
            _, sockets = plays(browser, url + "train_1d")
    assert any(f":{port}{below}gan/line/" in socket for socket in sockets)
    assert any(f":{port}{below}_stcore/stream" in socket for socket in sockets)


def test_two_servers_behind_nginx(browser, tmp_path):
    port = free_port()
    with app_server(workers="0", path="a") as (one, _), app_server(workers="0", path="b") as (two, _):
        text = (ROOT / "docs/proxy/sticky.conf").read_text("utf-8").replace("listen 80;", f"listen 127.0.0.1:{port};")
        text = text.replace("http://one:8501", one.removesuffix("/a")).replace(
            "http://two:8501", two.removesuffix("/b")
        )
        with nginx(tmp_path, text):
            url = f"http://127.0.0.1:{port}/"
            wait_until(lambda: status(f"{url}a/gan/health") == status(f"{url}b/gan/health") == 200, 90, "one is ill")
            lots = set()
            for _ in range(40):
                with urllib.request.urlopen(url, timeout=20) as answer:
                    lots.add(answer.url.removeprefix(url))
            assert lots == {"a/", "b/"}
            here, sockets = plays(browser, f"{url}train_1d?width=16")
            lot = re.match(rf"{re.escape(url)}([ab])/train_1d\?", here)[1]  # the experiment came along
            assert "width=16" in here
            assert [socket for socket in sockets if f":{port}/{lot}/" not in socket] == []
            assert any("/gan/line/" in socket for socket in sockets)


def test_the_proxy_is_started_anew_and_visitors_go_on(browser, tmp_path):
    port = free_port()
    with app_server(workers="0") as (app, _):
        text = (ROOT / "docs/proxy/nginx.conf").read_text("utf-8")
        text = re.sub(r"\n +ssl_certificate.*", "", text).replace("listen 443 ssl;", f"listen 127.0.0.1:{port};")
        with nginx(tmp_path, text.replace("http://127.0.0.1:8501", app)) as restart:
            url = f"http://127.0.0.1:{port}/"
            wait_until(lambda: status(url + "gan/health") == 200, 60, "it is not well")
            page = browser.new_context().new_page()
            open_board(page, url + "train_1d")
            press(page, "Play")
            wait_until(lambda: step(page) > 20, 60, "it did not train")
            restart()
            before = step(page)
            wait_until(lambda: board(page)["line"] == "open" and step(page) > before + 20, 60, "it did not go on")
            pause(page)
            page.context.close()


def test_two_servers_of_a_cluster_of_which_one_ends(browser, tmp_path):
    """Its visitors go on at the other with the same runs; what they do on the page around the stage works there, too."""
    pytest.importorskip("ray", reason="needs requirements-cluster.txt")
    port = free_port()
    with (
        ray_cluster() as around,
        app_server(environment=around) as (one, first),
        app_server(environment=around) as (two, second),
    ):
        text = (ROOT / "docs/proxy/cluster.conf").read_text("utf-8").replace("listen 80;", f"listen 127.0.0.1:{port};")
        text = text.replace("server one:8501", f"server {one[7:]}").replace("server two:8501", f"server {two[7:]}")
        with nginx(tmp_path, text):
            url = f"http://127.0.0.1:{port}/"
            wait_until(lambda: status(one + "/gan/health") == status(two + "/gan/health") == 200, 120, "one is ill")
            page = browser.new_context().new_page()
            open_board(page, url + "train_1d?width=16&seed=7")
            press(page, "Play")
            wait_until(lambda: step(page) > 50, 60, "it did not train")
            slide(page, "dropout", 1)
            wait_until(lambda: "dropout" in page.evaluate("location.search"), 20, "the address did not follow")
            (kept,) = [c["value"] for c in page.context.cookies() if c["name"] == "gan_runs"]
            (server,) = [c["value"] for c in page.context.cookies() if c["name"] == "gan_server"]
            before = step(page)
            os.kill({"one": first, "two": second}[server], signal.SIGKILL)
            wait_until(lambda: step(page) > before + 50, 60, "it did not go on")
            page.wait_for_timeout(
                5000
            )  # Streamlit's own socket has found the other server, and its page was drawn again
            assert step(page) > before
            assert setting(page, "dropout").get_attribute("aria-valuenow") != "0"
            (now,) = [c["value"] for c in page.context.cookies() if c["name"] == "gan_runs"]
            assert now == kept  # no other run was begun
            page.reload()
            page.wait_for_selector(f"{BOARD}[data-step]", timeout=60_000)
            assert step(page) > before
            pause(page)
            page.context.close()
