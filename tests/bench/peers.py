#!/usr/bin/env python3
"""The same work by other S3 clients and by ours, in the same run: CPU seconds, a table and a plot.

    peers.py [--build build] [--venvs build/peers] [--install] [--runs 3] [--mib 1024]
             [--peers obstore,boto3] [--endpoint URL]

Each peer lives in a virtual environment of its own (their requirements contradict each other), VENVS/NAME;
--install makes them. Every measurement is a process of its own: it imports, connects and warms up with a
small object, then times one operation by getrusage. Rounds are interleaved. The server is bench-sink of the
build folder, unless --endpoint names another one (with a bucket named "bucket"; the credentials are those of
the environment). The table and the plot are written into the build folder.
"""
import argparse
import io
import json
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import time

PEERS = {
    "obstore": ["obstore"],
    "s3torchconnector": ["--no-deps", "s3torchconnectorclient"],  # the client itself: no torch needed
    "pyarrow": ["pyarrow"],
    "boto3": ["boto3"],
    "s3fs": ["s3fs>=2026"],
}
OPERATIONS = {  # name: (title, unit)
    "put": ("PUT {mib} MiB from memory", "CPU-s/GiB"),
    "get": ("GET {mib} MiB into fresh memory", "CPU-s/GiB"),
    "list": ("list {keys:,} keys", "CPU-s"),
    "put_small": ("PUT of 4 KiB", "CPU-us each"),
    "get_small": ("GET of 4 KiB", "CPU-us each"),
}
BUCKET = "bucket"
WARM_BYTES = 16 << 20
SMALL_BYTES = 4096
KEYS = 100_000
SMALL_COUNT = 1000
PART = 8 << 20


class Boto3:
    def __init__(self, endpoint):
        import boto3

        self.client = boto3.client("s3", endpoint_url=endpoint)

    def put(self, key, data):
        self.client.upload_fileobj(io.BytesIO(data), BUCKET, key)

    def get(self, key, size):
        out = io.BytesIO()
        self.client.download_fileobj(BUCKET, key, out)
        return out.getbuffer().nbytes  # it is written in any order

    def put_small(self, key, data):
        self.client.put_object(Bucket=BUCKET, Key=key, Body=data)

    def get_small(self, key, size):
        return len(self.client.get_object(Bucket=BUCKET, Key=key)["Body"].read())

    def list(self):
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
        return sum(len(page["Contents"]) for page in pages)


class Obstore:
    def __init__(self, endpoint):
        import obstore
        from obstore.store import S3Store

        self.api = obstore
        self.store = S3Store(BUCKET, endpoint=endpoint, region=os.environ["AWS_REGION"],
                             access_key_id=os.environ["AWS_ACCESS_KEY_ID"],
                             secret_access_key=os.environ["AWS_SECRET_ACCESS_KEY"],
                             virtual_hosted_style_request=False, client_options={"allow_http": True})

    def put(self, key, data):
        self.api.put(self.store, key, data, chunk_size=PART, max_concurrency=8)

    def get(self, key, size):
        """In parallel ranges, as its documentation advises for large objects."""
        starts = list(range(0, size, PART))
        parts = self.api.get_ranges(self.store, key, starts=starts, ends=[min(at + PART, size) for at in starts])
        return sum(len(part) for part in parts)

    def put_small(self, key, data):
        self.api.put(self.store, key, data)

    def get_small(self, key, size):
        return len(self.api.get(self.store, key).bytes())

    def list(self):
        return sum(len(batch) for batch in self.api.list(self.store, chunk_size=1000))


class Pyarrow:
    def __init__(self, endpoint):
        from pyarrow import fs

        self.fs = fs
        scheme, _, host = endpoint.partition("://")
        self.files = fs.S3FileSystem(endpoint_override=host, scheme=scheme, region=os.environ["AWS_REGION"],
                                     access_key=os.environ["AWS_ACCESS_KEY_ID"],
                                     secret_key=os.environ["AWS_SECRET_ACCESS_KEY"])

    def put(self, key, data):
        with self.files.open_output_stream(f"{BUCKET}/{key}") as out:
            out.write(data)

    def get(self, key, size):
        with self.files.open_input_file(f"{BUCKET}/{key}") as source:
            return len(source.read_buffer())

    put_small = put
    get_small = get

    def list(self):
        found = self.files.get_file_info(self.fs.FileSelector(BUCKET, recursive=True))
        return sum(info.is_file for info in found)  # it makes up folders, too


class S3fs:
    def __init__(self, endpoint):
        import s3fs

        self.files = s3fs.S3FileSystem(endpoint_url=endpoint, key=os.environ["AWS_ACCESS_KEY_ID"],
                                       secret=os.environ["AWS_SECRET_ACCESS_KEY"], use_listings_cache=False)

    def put(self, key, data):
        self.files.pipe_file(f"{BUCKET}/{key}", data)

    def get(self, key, size):
        return len(self.files.cat_file(f"{BUCKET}/{key}"))

    put_small = put
    get_small = get

    def list(self):
        return len(self.files.find(BUCKET))


class S3torchconnector:
    def __init__(self, endpoint):
        from s3torchconnectorclient._mountpoint_s3_client import MountpointS3Client

        self.client = MountpointS3Client(region=os.environ["AWS_REGION"], endpoint=endpoint, force_path_style=True)

    def put(self, key, data):
        stream = self.client.put_object(BUCKET, key)
        stream.write(data)
        stream.close()

    def get(self, key, size):
        """As its reader does it: joined in memory."""
        return len(b"".join(self.client.get_object(BUCKET, key)))

    put_small = put
    get_small = get

    def list(self):
        return sum(len(page.object_info) for page in self.client.list_objects(BUCKET))


CLASSES = {"obstore": Obstore, "s3torchconnector": S3torchconnector, "pyarrow": Pyarrow, "boto3": Boto3, "s3fs": S3fs}


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def key_of(size):
    return f"object-{size}"


def make_work(peer, operation, size):
    """(warm-up, what is timed); what comes back is counted, so that nobody is fast by doing nothing."""

    def expect(due, count):
        if count != due:
            raise SystemExit(f"{due} were due, {count} came")

    if operation == "list":
        return (lambda: expect(SMALL_BYTES, peer.get_small(key_of(SMALL_BYTES), SMALL_BYTES)),
                lambda: expect(KEYS, peer.list()))
    put = operation.startswith("put")
    method = getattr(peer, operation)

    def once(length):
        data = os.urandom(length) if put else None
        return (lambda: method(key_of(length), data)) if put else (
            lambda: expect(length, method(key_of(length), length)))

    if operation.endswith("_small"):
        small = once(SMALL_BYTES)
        return small, lambda: [small() for _ in range(SMALL_COUNT)]
    return once(WARM_BYTES), once(size)


def work(arguments):
    name, operation = arguments.worker
    warm_up, timed = make_work(CLASSES[name](arguments.endpoint), operation, arguments.mib << 20)
    warm_up()
    cpu, wall = cpu_seconds(), time.perf_counter()
    timed()
    print(json.dumps({"wall": time.perf_counter() - wall, "cpu": cpu_seconds() - cpu}))


def install(venvs, names):
    for name in names:
        subprocess.run([sys.executable, "-m", "venv", venvs / name], check=True)
        subprocess.run([venvs / name / "bin/pip", "install", "--quiet", *PEERS[name]], check=True)


def environment(endpoint):
    defaults = {"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-east-1",
                "AWS_DEFAULT_REGION": "us-east-1"}
    return {**defaults, **os.environ, "AWS_ENDPOINT_URL": endpoint}


def measure(name, operation, endpoint, arguments):
    """What the process printed, or None."""
    if name in ("ours", "raw"):  # raw: a bare libcurl loop, which signs and checks nothing
        count = KEYS if operation == "list" else SMALL_COUNT
        url = f"s3://{BUCKET}/" if name == "ours" else f"{endpoint}/{BUCKET}"
        command = [arguments.build / "tests/bench/bench-work", operation, url,
                   "--mib", str(arguments.mib), "--count", str(count)]
    else:
        command = [arguments.venvs / name / "bin/python", __file__, "--worker", name, operation,
                   "--mib", str(arguments.mib), "--endpoint", endpoint]
    done = subprocess.run(command, env=environment(endpoint), capture_output=True, text=True)
    if done.returncode == 0:
        return json.loads(done.stdout)
    print(f"{name} {operation}: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
    return None


def figure(operation, costs, mib):
    cpu = statistics.median(cost["cpu"] for cost in costs)
    if operation == "list":
        return cpu
    return cpu * 1e6 / SMALL_COUNT if operation.endswith("_small") else cpu * 1024 / mib


def table(figures, walls, names, arguments):
    titles = [f"{title.format(mib=arguments.mib, keys=KEYS)}, {unit}" for title, unit in OPERATIONS.values()]
    lines = ["| client | " + " | ".join(titles) + " |", "|---" * (len(titles) + 1) + "|"]
    for name in names:
        cells = []
        for operation in OPERATIONS:
            value = figures.get((name, operation))
            if value is None:
                cells.append("–")
                continue
            rate = f" ({SMALL_COUNT / walls[name, operation]:,.0f}/s)" if operation.endswith("_small") else ""
            cells.append((f"{value:.0f}" if value >= 10 else f"{value:.2f}") + rate)
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def plot(figures, names, arguments):
    try:
        import matplotlib
    except ImportError:
        print("no plot: pip install matplotlib", file=sys.stderr)
        return
    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure_, axes = pyplot.subplots(1, len(OPERATIONS), figsize=(4 * len(OPERATIONS), 3))
    for axis, (operation, (title, unit)) in zip(axes, OPERATIONS.items()):
        shown = [name for name in names if (name, operation) in figures]
        bars = axis.barh(shown, [figures[name, operation] for name in shown],
                         color=["tab:orange" if name == "ours" else "tab:blue" for name in shown])
        axis.bar_label(bars, fmt="%.3g", padding=2)
        axis.margins(x=0.2)
        axis.invert_yaxis()
        axis.set_title(title.format(mib=arguments.mib, keys=KEYS), fontsize=10)
        axis.set_xlabel(unit)
    figure_.tight_layout()
    figure_.savefig(arguments.build / "peers.svg")


def run(endpoint, arguments):
    names = ["raw", "ours", *arguments.peers]
    costs = {}
    for _ in range(arguments.runs):
        for operation in OPERATIONS:
            for name in names:
                cost = measure(name, operation, endpoint, arguments)
                if cost:
                    costs.setdefault((name, operation), []).append(cost)
    figures = {key: figure(key[1], value, arguments.mib) for key, value in costs.items()}
    walls = {key: statistics.median(cost["wall"] for cost in value) for key, value in costs.items()}
    text = table(figures, walls, names, arguments)
    (arguments.build / "peers.md").write_text(text)
    print(text, end="")
    plot(figures, names, arguments)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build"))
    parser.add_argument("--venvs", type=pathlib.Path)
    parser.add_argument("--install", action="store_true")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--mib", type=int, default=1024)
    parser.add_argument("--peers", type=lambda text: text.split(","), default=list(PEERS))
    parser.add_argument("--endpoint")
    parser.add_argument("--worker", nargs=2, metavar=("PEER", "OPERATION"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        return work(arguments)
    arguments.venvs = arguments.venvs or arguments.build / "peers"
    if arguments.install:
        install(arguments.venvs, arguments.peers)
    missing = [name for name in arguments.peers if not (arguments.venvs / name / "bin/python").exists()]
    if missing:
        sys.exit(f"no virtual environment for {', '.join(missing)}: run with --install")
    if arguments.endpoint:
        return run(arguments.endpoint, arguments)
    with subprocess.Popen([arguments.build / "tests/bench/bench-sink", "--keys", str(KEYS)],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as sink:
        try:
            run(f"http://127.0.0.1:{sink.stdout.readline().strip()}", arguments)
        finally:
            sink.stdin.close()


if __name__ == "__main__":
    main()
