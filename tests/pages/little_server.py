"""The app without its pages, served as the app is, with one run that plays: prints its key once it has trained and the
server answers.

python -m tests.pages.little_server PORT
"""

import os
import socket
import sys
import threading

import uvicorn
from starlette.applications import Starlette

from benchmarks.harness import wait_until
from pages.ui import asking, commands, line, operations, stopping
from pages.ui.studio import studio
from tests.gan_core.background import SMALL


def begin(port):
    key = studio().begin(SMALL)
    studio().call(key, commands.command, {"do": "play"})
    wait_until(lambda: studio().call(key, asking.about).step > 0, 60, "it did not train")
    wait_until(lambda: not socket.socket().connect_ex(("127.0.0.1", port)), 60, "it did not serve")
    print(key, flush=True)


def begin_or_end(port):
    """Whoever waits for the key gets it, or sees us end."""
    try:
        begin(port)
    except Exception as error:
        print(error, file=sys.stderr)
        os._exit(1)


if __name__ == "__main__":
    port = int(sys.argv[1])
    threading.Thread(target=begin_or_end, args=[port], daemon=True).start()
    app = Starlette(routes=[*line.routes(), *operations.routes()], lifespan=stopping.lifespan)
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")
