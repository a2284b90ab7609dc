"""Runs a fuzz target: over its corpus and the hostile files, then for some seconds over what the fuzzer makes of it.

What it finds out about the corpus goes to a folder that is thrown away; an input that breaks the target is printed in base64,
to be decoded into the corpus once the bug is mended."""

import argparse
import base64
import pathlib
import subprocess
import sys
import tempfile


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target")
    parser.add_argument("--corpus", action="append", default=[], help="a folder of inputs to begin with")
    parser.add_argument("--catalogue", nargs=2, metavar=("PROGRAM", "KIND"), help="hostile-files, and what it shall write")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0, help="0: another each time")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = pathlib.Path(folder, "found")
        found.mkdir()
        corpus = list(given.corpus)
        if given.catalogue:
            corpus.append(f"{folder}/catalogue")
            subprocess.run([*given.catalogue, corpus[-1]], check=True)
        command = [
            given.target,
            f"-max_total_time={given.seconds}",
            f"-seed={given.seed}",
            f"-artifact_prefix={folder}/",
            "-timeout=10",
            "-rss_limit_mb=2048",
            "-max_len=16384",
            "-print_final_stats=1",
            str(found),
            *corpus,
        ]
        status = subprocess.run(command, check=False, stderr=subprocess.STDOUT).returncode
        for artifact in sorted(pathlib.Path(folder).glob("*-*")):
            print(f"{artifact.name}: {base64.b64encode(artifact.read_bytes()).decode()}")
        return 1 if status else 0  # libFuzzer's own 77 would count as skipped


sys.exit(main())
