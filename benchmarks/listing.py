"""Measures the scan: whole processes beside s5cmd and boto3, against an endpoint that takes its time for each page.

Usage: ``python benchmarks/listing.py [OBJECTS] [LATENCY_MS]``; by default 1,000,000 objects in one folder and 60 ms.
``s5cmd`` comes with the dependency group ``benchmark``; without it, it is left out.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq
from world import DATA_TYPES, install

HERE = Path(__file__).parent
SCRIPTS = Path(sysconfig.get_path("scripts"))
PAGE = 1000
WORKERS = 32
ENVIRONMENT = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-east-1"}
BOTO3 = """
import sys, boto3
client = boto3.client("s3", endpoint_url=sys.argv[1])
print(sum(len(page["Contents"]) for page in client.get_paginator("list_objects_v2").paginate(Bucket="bench")))
"""


@dataclass(frozen=True)
class Cost:
    """One process: seconds on the wall and of the processor, peak memory in MB, what it wrote."""

    seconds: float
    cpu: float
    peak_mb: float
    output: bytes


def run(command: Sequence[str], plugins: Path | None = None) -> Cost:
    environment = {**os.environ, **ENVIRONMENT}
    if plugins is not None:
        environment["PYTHONPATH"] = os.pathsep.join([str(plugins), os.environ.get("PYTHONPATH", "")])
    with tempfile.TemporaryFile() as output:
        begun = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.exit(f"{' '.join(command)}: exit {process.returncode}")
        output.seek(0)
        return Cost(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, output.read())


@contextlib.contextmanager
def endpoint(objects: int, latency_ms: float) -> Iterator[str]:
    """The stub's URL; what serving cost it is printed at its end."""
    process = subprocess.Popen(
        [sys.executable, str(HERE / "s3_stub.py"), str(objects), str(latency_ms)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    process.stdin.close()
    spent = json.loads(process.stdout.read())
    print(f"the endpoint: {spent['pages']:,} pages, {1000 * spent['cpu_seconds'] / spent['pages']:.2f} ms of CPU each")
    process.wait()


def workspace(folder: Path, url: str) -> Path:
    for name, text in {
        "config/reconciliation_config.yaml": f"lake: {{url: 's3://bench', endpoint_url: '{url}'}}\n",
        "inventory/data_inventory.yaml": "expected_coverage:\n  bench:\n    seasons: [2024-25]\n",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    install(folder / "plugins", DATA_TYPES)
    return folder


def scan(folder: Path, objects: int, latency_ms: float, name: str) -> Cost:
    """``recon scan`` as a whole process; the snapshot that it wrote is looked at."""
    cost = run([str(SCRIPTS / "recon"), "scan", "-w", str(folder), "-q", "--format", "json"], folder / "plugins")
    snapshot = json.loads(cost.output)
    keys = pq.read_metadata(folder / "inventory/cache/snapshot.parquet").num_rows
    if not objects == keys == snapshot["objects"]:
        sys.exit(f"{keys:,} of {objects:,} objects")
    limit = objects / PAGE * latency_ms / 1000 / WORKERS
    requests = snapshot["requests"]
    print(
        f"{name}: {cost.seconds:.2f} s, {cost.seconds / limit:.1f} x the limit of {limit:.2f} s; {requests:,} requests "
        f"of {1000 * cost.cpu / requests:.2f} ms of CPU, the start of the process included; {cost.peak_mb:.0f} MB"
    )
    return cost


def main(objects: int, latency_ms: float) -> None:
    with endpoint(objects, latency_ms) as url, tempfile.TemporaryDirectory() as place:
        folder = workspace(Path(place), url)
        ours = [scan(folder, objects, latency_ms, "a scan, nothing known")]
        ours += [scan(folder, objects, latency_ms, "a scan, last snapshot") for _ in range(2)]
        theirs = {}
        if (s5cmd := shutil.which("s5cmd", path=f"{SCRIPTS}:{os.environ['PATH']}")) is not None:
            theirs["s5cmd ls"] = [s5cmd, "--endpoint-url", url, "ls", "s3://bench/*"]
        theirs["boto3's paginator"] = [sys.executable, "-c", BOTO3, url]
        for name, command in theirs.items():
            cost = run(command)
            ratios = sorted(cost.seconds / one.seconds for one in ours)
            times = f"{ratios[0]:.1f} to {ratios[-1]:.1f} times as long"
            print(f"{name}: {cost.seconds:.1f} s and {cost.cpu:.1f} s of CPU, {times}")
        scan(folder, objects, latency_ms, "a scan, last snapshot")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000, float(sys.argv[2]) if len(sys.argv) > 2 else 60)
