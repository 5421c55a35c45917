"""Named actors of Ray that do what they are asked, as the processes of `workers` do; in them live runs, and the lobby.

An actor outlives the web server that started it. If its process ends, or its machine, Ray starts it anew, perhaps elsewhere;
it then does again what it was told to begin with. Messages are pickled here, by the plain pickler: what Ray itself unpacks
are arrays that nobody may write to.
"""

import asyncio
import contextlib
import pickle
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

import ray
from ray.exceptions import RayActorError

from pages.ui import tidying, worker
from pages.ui.relay import WorkerDied

T = TypeVar("T")
NAMESPACE = "gan-explainer"  # of the actors' names
PATIENCE = 60.0  # seconds for an answer that somebody waits for: an actor that starts loads PyTorch
_AT_ONCE = 10_000  # questions that an actor has before it: of frames, most of them wait
# Of a core, so that Ray places an actor only where cores are meant for it, and still finds a place if a machine is gone. How
# many actors there are is not for Ray to say.
_SHARE = 0.2
_ROOT = Path(__file__).parents[3]


class Actor:
    """What Ray runs in a process of its own. Args: begin: pickled (function, arguments) of what is done at first."""

    def __init__(self, begin: bytes):
        do, args = pickle.loads(begin)
        do(*args)

    async def do(self, message: bytes) -> bytes:
        """See `worker.done`; all pickled."""
        good, value = await worker.done(*pickle.loads(message))
        try:
            return pickle.dumps((good, value))
        except Exception as error:  # it cannot travel
            return pickle.dumps((False, RuntimeError(f"{type(error).__name__}: {error}")))


class Remote:
    """An actor, seen from elsewhere.

    Args:
        handle: Ray's.
    """

    def __init__(self, handle: Any):
        self._handle = handle

    def submit(self, do: Callable[..., Any], *args: Any, **named: Any) -> Future[Any]:
        """Let it do this, see `studio.Studio.submit`; the future may hold a `WorkerDied`."""
        return self._ask(do, args, named)[1]

    def call(self, do: Callable[..., T], *args: Any, **named: Any) -> T:
        """Let it do this, and wait for the answer.

        Raises:
            WorkerDied: its process has ended, or does not answer.
        """
        try:
            return self.submit(do, *args, **named).result(PATIENCE)
        except TimeoutError:
            raise WorkerDied("the actor does not answer") from None

    async def acall(self, do: Callable[..., Any], *args: Any, **named: Any) -> Any:
        """As `call`, for an event loop; whoever stops waiting takes the call back."""
        asked, answer = self._ask(do, args, named)
        try:
            return await asyncio.wrap_future(answer)
        except asyncio.CancelledError:
            with contextlib.suppress(Exception):  # it has an answer already
                ray.cancel(asked)
            raise

    def _ask(self, do: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, Future[Any]]:
        answer: Future[Any] = Future()
        try:
            asked = self._handle.do.remote(pickle.dumps((do, args, named)))
        except RayActorError as error:
            answer.set_exception(WorkerDied(type(error).__name__))
            return None, answer
        asked.future().add_done_callback(lambda come: _hand_on(come, answer))
        return asked, answer


def _hand_on(come: Future[bytes], answer: Future[Any]) -> None:
    """The answer has come, in a thread of Ray's."""
    with contextlib.suppress(Exception):  # nobody waits any more
        if not answer.set_running_or_notify_cancel():
            return
        try:
            good, value = pickle.loads(come.result())
        except RayActorError as error:
            good, value = False, WorkerDied(type(error).__name__)
        except BaseException as error:
            good, value = False, error
        (answer.set_result if good else answer.set_exception)(value)


def connect(address: str) -> None:
    """Be one of those whom the cluster at this address serves.

    Raises:
        ConnectionError: there is none.
    """
    failed: list[BaseException] = []

    def go() -> None:
        try:
            ray.init(
                address, namespace=NAMESPACE, log_to_driver=False, configure_logging=False, ignore_reinit_error=True
            )
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=go, name="cluster")  # in the main thread Ray would take SIGTERM for itself
    thread.start()
    thread.join()
    if failed:
        raise failed[0]


def start(name: str, do: Callable[..., Any], *args: Any) -> Remote:
    """The actor of this name, a new one if there is none; it begins by this. The machines have the code at the same path."""
    options = {
        "name": name, "namespace": NAMESPACE, "get_if_exists": True, "lifetime": "detached", "max_restarts": -1,
        "num_cpus": _SHARE, "scheduling_strategy": "SPREAD", "max_concurrency": _AT_ONCE,
        "runtime_env": {"env_vars": tidying.ARENAS | {"PYTHONPATH": str(_ROOT)}},
    }  # fmt: skip
    return Remote(ray.remote(Actor).options(**options).remote(pickle.dumps((do, args))))


def find(name: str) -> Remote | None:
    """The actor of this name; None: there is none."""
    try:
        return Remote(ray.get_actor(name, NAMESPACE))
    except ValueError:
        return None


def names() -> list[str]:
    """Of all actors."""
    return ray.util.list_named_actors()


def cores() -> int:
    """Of all machines of the cluster, as it is now."""
    return max(int(ray.cluster_resources().get("CPU", 1)), 1)


def disconnect() -> None:
    """Leave the cluster; the actors stay."""
    ray.shutdown()
