"""What the web server counts while it works, for `operations`."""

from prometheus_client import CollectorRegistry, Counter, Gauge, disable_created_metrics

disable_created_metrics()  # when a count began is of no use here, and doubles the list

REGISTRY = CollectorRegistry()
LINES = Gauge("gan_lines", "Open lines, one per viewer of a run.", registry=REGISTRY)
FRAMES = Counter("gan_frames", "Frames sent.", registry=REGISTRY)
FRAME_BYTES = Counter("gan_frame_bytes", "Bytes of the frames sent.", registry=REGISTRY)
REFUSED = Counter(
    "gan_refused",
    "Messages refused, by why: a sentence, or the code with which the line was closed.",
    ["why"],
    registry=REGISTRY,
)
RESTARTS = Counter("gan_process_restarts", "Processes of runs that ended and were replaced.", registry=REGISTRY)


def sent(frame: bytes) -> None:
    """A frame was sent."""
    FRAMES.inc()
    FRAME_BYTES.inc(len(frame))
