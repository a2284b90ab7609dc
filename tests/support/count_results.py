"""Says which tests failed or were skipped, and counts: `N passed, N failed, N skipped`. Fails if one failed, none ran, or, with
CI=true, one was skipped."""

import collections
import json
import os
import sys

KINDS = {"OK": "passed", "EXPECTEDFAIL": "passed", "SKIP": "skipped"}


def main(path):
    counts = collections.Counter()
    with open(path, encoding="utf-8") as log:
        for line in log:
            result = json.loads(line)
            kind = KINDS.get(result["result"], "failed")
            counts[kind] += 1
            if kind != "passed":
                print(f"{kind}: {result['name']} ({result['result']}, {result['duration']:.1f} s)")
    print(", ".join(f"{counts[kind]} {kind}" for kind in ("passed", "failed", "skipped")))
    strict = os.environ.get("CI") == "true"
    return 1 if counts["failed"] or not counts["passed"] or strict and counts["skipped"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
