#!/usr/bin/env python3
"""Save and load of the same state by others and by ours, in one run: wall time, CPU seconds and memory, as a table.

    tools/servers run minio --memory --bucket bucket -- tests/bench/checkpoint_peers.py [--build build] [--install]
    tests/bench/checkpoint_peers.py --local FOLDER

To be run by a Python that has torch and pytorch-lightning. Peers' own packages stand in a virtual environment each,
VENVS/NAME, which sees those as well; --install makes them. Every measurement is a process of its own, and rounds are
interleaved. With --local the peers are torch.save and torch.load, on a file in FOLDER; ours calls fsync, they do not.
"""
import argparse
import os
import pathlib
import site
import statistics
import sys

import peer_runs

CLIENTS = pathlib.Path(__file__).with_name("checkpoint_peer_clients.py")
PACKAGES = {  # for one call of pip each; torch and what else Lightning needs stand in the Python that runs this
    "lightning": [["s3fs==2026.9.0"]],
    "s3torchconnector": [["--no-deps", "s3torchconnector==1.5.0", "s3torchconnectorclient==1.5.0"]],
    "safetensors": [["obstore==0.12.1"]],
    "runai": [["--no-deps", "runai-model-streamer==0.17.1", "runai-model-streamer-s3==0.17.1"],
              ["obstore==0.12.1", "boto3==1.44.5", "humanize==4.13.0"]],
}
LOCAL = ("torch", "torch mmap")
MIB = 1 << 20


def install(venvs, names):
    peer_runs.install(venvs, names, PACKAGES)
    for name in names:
        folder = next((venvs / name / "lib").glob("python*")) / "site-packages"
        (folder / "torch.pth").write_text("\n".join(site.getsitepackages()) + "\n")


def measure(name, operation, arguments):
    """What the process printed, or None."""
    url = f"{arguments.root}/{name.replace(' ', '-')}.ckpt"
    if name.startswith("ours"):
        mapped = operation == "load" and name.endswith("mmap")
        command = [arguments.build / "tests/bench/checkpoint-work", "map" if mapped else operation, url]
    else:
        python = sys.executable if name in LOCAL else arguments.venvs / name / "bin/python"
        command = [python, CLIENTS, name, operation, url]
    return peer_runs.measure(name, operation, [*command, "--mib", str(arguments.mib)], arguments.limit)


def cell(costs, operation, arguments):
    if not costs:
        return "–"
    middle = {field: statistics.median(cost[field] for cost in costs) for field in costs[0]}
    size = arguments.mib * MIB if operation == "load" else 0  # the tensors themselves
    beyond = max(0, middle["memory"] - size) / MIB
    return f"{middle['wall']:.2f} s / {middle['cpu']:.2f} / {beyond:,.0f} MiB"


def run(names, arguments):
    costs = {}
    for _ in range(arguments.runs):
        for operation in ("save", "load"):
            for name in names:
                cost = measure(name, operation, arguments)
                if cost:
                    costs.setdefault((name, operation), []).append(cost)
    lines = [f"| {arguments.mib} MiB | save: wall / CPU-s / memory | load: wall / CPU-s / memory beyond the tensors |",
             "|---|---|---|"]
    for name in names:
        cells = [cell(costs.get((name, operation)), operation, arguments) for operation in ("save", "load")]
        lines.append(f"| {name} | {cells[0]} | {cells[1]} |")
    print("\n".join(lines))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    peer_runs.add_options(parser)
    parser.add_argument("--local", type=pathlib.Path)
    arguments = parser.parse_args()
    arguments.venvs = arguments.venvs or arguments.build / "checkpoint-peers"
    peers = arguments.peers or list(LOCAL if arguments.local else PACKAGES)
    unknown = set(peers) - {*PACKAGES, *LOCAL}
    if unknown:
        parser.error(f"no peers: {', '.join(sorted(unknown))}")
    if arguments.install:
        install(arguments.venvs, [name for name in peers if name in PACKAGES])
    arguments.root = str(arguments.local) if arguments.local else "s3://bucket"
    if not arguments.local and "AWS_ENDPOINT_URL" not in os.environ:
        sys.exit("no server in the environment: run by tools/servers, see --help")
    os.environ.setdefault("AWS_DEFAULT_REGION", os.environ.get("AWS_REGION", "us-east-1"))
    run(["ours", *(["ours mmap"] if arguments.local else []), *peers], arguments)


if __name__ == "__main__":
    main()
