"""A Ray cluster on this machine, which stands for one or for several. As a program: until its standard input is closed; prints
its address.

python -m benchmarks.ray_cluster MACHINES
"""

import contextlib
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator

from benchmarks.harness import ROOT


@contextlib.contextmanager
def ray_cluster(machines: int = 1) -> Iterator[dict[str, str]]:
    """The environment of those whom it serves. Needs requirements-cluster.txt.

    Args:
        machines: of two cores each, as Ray sees it; with more than one the head has none.
    """
    secret = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32), "RAY_USAGE_STATS_ENABLED": "0"}
    with tempfile.TemporaryDirectory(prefix="ray", ignore_cleanup_errors=True) as folder:
        head = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.ray_cluster", str(machines)], cwd=ROOT,
            env=os.environ | secret | {"RAY_TMPDIR": folder},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert head.stdout is not None
        assert head.stdin is not None
        try:
            address = head.stdout.readline().strip()
            assert address, "there is no cluster"
            yield secret | {"GAN_CLUSTER": address, "GAN_WORKERS": "2"}
        finally:
            head.stdin.close()
            head.wait(30)


if __name__ == "__main__":
    import ray

    options = {"include_dashboard": False, "object_store_memory": 100_000_000}
    machines = int(sys.argv[1])
    if machines == 1:
        ray.init(num_cpus=2, log_to_driver=False, configure_logging=False, **options)
        print(ray.get_runtime_context().gcs_address, flush=True)
    else:
        from ray.cluster_utils import Cluster

        several = Cluster(True, head_node_args={"num_cpus": 0, **options})
        for _ in range(machines):
            several.add_node(num_cpus=2, object_store_memory=100_000_000)
        print(several.address, flush=True)
    sys.stdin.read()
    if machines > 1:
        several.shutdown()
