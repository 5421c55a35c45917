"""The app without its pages, served as the app is, with one run that plays: prints its key once it has trained and the
server answers.

python -m tests.pages.little_server PORT
"""

import os
import socket
import sys
import threading

import numpy as np
import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from benchmarks.harness import wait_until
from gan_core import own_targets
from pages.ui import asking, commands, line, operations
from pages.ui.rooms import route
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


def kept(request):
    """The step from which a run would go on if its process ended now."""
    key = request.path_params["key"]
    return JSONResponse(studio().kept_step(key))


def processes(request):
    """Actor of a cluster -> its process id."""
    found = {name: answer.result(60) for name, answer in studio().everywhere(os.getpid).items()}
    return JSONResponse(found | {"lobby": studio().lobby.call(os.getpid)})


def servers(request):
    """Number of web servers of the cluster."""
    return JSONResponse(len(studio().ask_lobby("servers")))


def table(request):
    """The key of a run on a visitor's own table."""
    target = own_targets.from_points(np.random.default_rng(0).normal(size=(200, 2)), "mine")
    return JSONResponse(studio().begin(SMALL.replace(target=target.key)))


def knows(request):
    """Whether the server has the table of this target."""
    return JSONResponse(request.path_params["target"] in own_targets.tables())


if __name__ == "__main__":
    port = int(sys.argv[1])
    threading.Thread(target=begin_or_end, args=[port], daemon=True).start()
    mine = {"kept/{key}": kept, "processes": processes, "servers": servers, "table": table, "knows/{target}": knows}
    routes = [Route(f"/gan/{path}", do) for path, do in mine.items()]
    routes += [*line.routes(), *operations.routes(), *route.routes()]
    app = Starlette(routes=routes, lifespan=operations.lifespan)
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")
