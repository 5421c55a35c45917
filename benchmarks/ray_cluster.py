"""A Ray cluster of this machine alone, of two cores. As a program: until its standard input is closed; prints its address.

python -m benchmarks.ray_cluster FOLDER
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
def ray_cluster() -> Iterator[dict[str, str]]:
    """The environment of those whom it serves. Needs requirements-cluster.txt."""
    secret = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32), "RAY_USAGE_STATS_ENABLED": "0"}
    with tempfile.TemporaryDirectory(prefix="ray", ignore_cleanup_errors=True) as folder:
        head = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.ray_cluster", folder], cwd=ROOT, env=os.environ | secret,
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

    ray.init(num_cpus=2, include_dashboard=False, object_store_memory=100_000_000, log_to_driver=False,
             configure_logging=False, _temp_dir=sys.argv[1])  # fmt: skip
    print(ray.get_runtime_context().gcs_address, flush=True)
    sys.stdin.read()
