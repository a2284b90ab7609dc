#!/usr/bin/env python3
"""The same work by other clients of a cloud and by ours, in the same run: CPU seconds, a table and a plot.

    peers.py [--cloud s3|gs|az] [--build build] [--venvs build/peers] [--install] [--runs 3] [--mib 1024]
             [--peers obstore,boto3] [--environment] [--limit 120]

Each peer lives in a virtual environment of its own (their requirements contradict each other), VENVS/NAME;
--install makes them. Every measurement is a process of its own: it imports, connects and warms up with a
small object, then times one operation by getrusage. Rounds are interleaved. The server is bench-sink of the
build folder, or with --environment the one that the environment names, which has an empty bucket "bucket":

    tools/servers run azurite --memory --bucket bucket -- tests/bench/peers.py --cloud az --environment

The table and the plot are written into the build folder.
"""
import argparse
import os
import pathlib
import statistics
import subprocess
import sys

import peer_runs
from peer_clients import BUCKET, CLASSES, KEYS, SMALL_COUNT

CLIENTS = pathlib.Path(__file__).with_name("peer_clients.py")
PACKAGES = {  # for one call of pip each
    "adlfs": [["adlfs==2026.8.0"]],
    "boto3": [["boto3==1.44.5"]],
    "gcsfs": [["gcsfs==2026.10.1"]],
    "obstore": [["obstore==0.12.1"]],
    "pyarrow": [["pyarrow==26.0.1"]],
    "s3fs": [["s3fs==2026.9.0"]],
    "s3torchconnector": [["--no-deps", "s3torchconnectorclient==1.5.0"]],  # the client itself: no torch needed
}
OPERATIONS = {  # name: (title, unit)
    "put": ("PUT {mib} MiB from memory", "CPU-s/GiB"),
    "get": ("GET {mib} MiB into fresh memory", "CPU-s/GiB"),
    "list": ("list {keys:,} keys", "CPU-s"),
    "put_small": ("PUT of 4 KiB", "CPU-us each"),
    "get_small": ("GET of 4 KiB", "CPU-us each"),
}


def environment_for_sink(cloud, endpoint):
    """What the clients of that cloud look at."""
    account = "devstoreaccount1"  # as every emulator has it
    settings = {
        "s3": {"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-east-1",
               "AWS_DEFAULT_REGION": "us-east-1", "AWS_ENDPOINT_URL": endpoint},
        "gs": {"STORAGE_EMULATOR_HOST": endpoint},
        "az": {"AZURE_STORAGE_CONNECTION_STRING":
               f"AccountName={account};AccountKey=c2VjcmV0;BlobEndpoint={endpoint}/{account}"},
    }
    return {**os.environ, **settings[cloud]}


def measure(name, operation, environment, arguments):
    """What the process printed, or None."""
    if name in ("ours", "raw"):  # raw: a bare libcurl loop, which signs and checks nothing and sends what S3 is sent
        count = KEYS if operation == "list" else SMALL_COUNT
        url = f"{arguments.cloud}://{BUCKET}/" if name == "ours" else arguments.raw_url
        command = [arguments.build / "tests/bench/bench-work", operation, url,
                   "--mib", str(arguments.mib), "--count", str(count)]
    else:
        command = [arguments.venvs / name / "bin/python", CLIENTS, name, operation, "--cloud", arguments.cloud,
                   "--mib", str(arguments.mib)]
    return peer_runs.measure(name, operation, command, arguments.limit, environment)


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
    figure_.savefig(arguments.build / f"peers-{arguments.cloud}.svg")


def run(environment, arguments):
    # Only the sink answers to what a bare loop sends, whatever the cloud.
    names = ["ours", *arguments.peers] if arguments.environment else ["raw", "ours", *arguments.peers]
    costs = {}
    for _ in range(arguments.runs):
        for operation in OPERATIONS:
            for name in names:
                cost = measure(name, operation, environment, arguments)
                if cost:
                    costs.setdefault((name, operation), []).append(cost)
    figures = {key: figure(key[1], value, arguments.mib) for key, value in costs.items()}
    walls = {key: statistics.median(cost["wall"] for cost in value) for key, value in costs.items()}
    text = table(figures, walls, names, arguments)
    (arguments.build / f"peers-{arguments.cloud}.md").write_text(text)
    print(text, end="")
    plot(figures, names, arguments)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    peer_runs.add_options(parser)
    parser.add_argument("--cloud", choices=list(CLASSES), default="s3")
    parser.add_argument("--environment", action="store_true")
    arguments = parser.parse_args()
    arguments.peers = arguments.peers or list(CLASSES[arguments.cloud])
    unknown = set(arguments.peers) - set(CLASSES[arguments.cloud])
    if unknown:
        parser.error(f"no peers on {arguments.cloud}: {', '.join(sorted(unknown))}")
    arguments.venvs = arguments.venvs or arguments.build / "peers"
    if arguments.install:
        peer_runs.install(arguments.venvs, arguments.peers, PACKAGES)
    missing = [name for name in arguments.peers if not (arguments.venvs / name / "bin/python").exists()]
    if missing:
        sys.exit(f"no virtual environment for {', '.join(missing)}: run with --install")
    if arguments.environment:
        return run(dict(os.environ), arguments)
    with subprocess.Popen([arguments.build / "tests/bench/bench-sink", "--keys", str(KEYS)],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as sink:
        try:
            endpoint = f"http://127.0.0.1:{sink.stdout.readline().strip()}"
            arguments.raw_url = f"{endpoint}/{BUCKET}"
            run(environment_for_sink(arguments.cloud, endpoint), arguments)
        finally:
            sink.stdin.close()


if __name__ == "__main__":
    main()
