#!/usr/bin/env python3
"""Runs the cases of tests/faults on each server and prints them as a Markdown table: how each ended, and its seconds.

    tests/faults/matrix.py build/tests/faults/faults [minio versitygw fake-gcs azurite]

A case that has several sections is one row; it is `ok` if all of them are. Ends with 1 if a case failed.
"""

import pathlib
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
# The cases of other services are left out.
SERVERS = {
    "minio": "~[azure]~[gcs]",
    "versitygw": "~[azure]~[gcs]",
    "fake-gcs": "~[azure]~[s3]",
    "azurite": "~[gcs]~[s3]",
}


def run(program, server):
    """What Catch2's XML reporter (of version 2 or 3) says of each case: {(source, name): (succeeded, seconds)}."""
    with tempfile.NamedTemporaryFile(suffix=".xml") as report:
        command = [ROOT / "tools/servers", "run", server, "--memory", "--", program, SERVERS[server]]
        subprocess.run([*command, "--reporter", "xml", "--durations", "yes", "--out", report.name], check=False)
        try:
            tree = ElementTree.parse(report.name)
        except ElementTree.ParseError as error:
            sys.exit(f"{server}: the report is not whole: {error}")
    results = {}
    for case in tree.iter("TestCase"):
        source = pathlib.PurePath(case.get("filename")).name
        result = case.find("OverallResult")
        key = (source, case.get("name"))
        succeeded, seconds = results.get(key, (True, 0.0))
        succeeded = succeeded and result.get("success") == "true"
        results[key] = (succeeded, seconds + float(result.get("durationInSeconds")))
    return results


def cell(result):
    if result is None:
        return "–"
    succeeded, seconds = result
    return f"{'ok' if succeeded else '**failed**'}, {seconds:.2f} s"


def print_table(results):
    print("| case | " + " | ".join(results) + " |")
    print("|---|" + "---|" * len(results))
    keys = sorted({key for of_server in results.values() for key in of_server})
    group = None
    for source, name in keys:
        if source != group:
            print(f"| **{source.removesuffix('.cpp')}** |" + " |" * len(results))
            group = source
        cells = " | ".join(cell(of_server.get((source, name))) for of_server in results.values())
        print(f"| {name} | {cells} |")
    for server, of_server in results.items():
        good = sum(succeeded for succeeded, _ in of_server.values())
        total = sum(seconds for _, seconds in of_server.values())
        print(f"\n{server}: {good} of {len(of_server)} cases ok, {total:.0f} s.")


def main(program, *servers):
    results = {server: run(program, server) for server in servers or SERVERS}
    print_table(results)
    return 0 if all(succeeded for of_server in results.values() for succeeded, _ in of_server.values()) else 1


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
