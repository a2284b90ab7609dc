"""No file that sees LibTorch may include fmt, protobuf or pybind11: the torch wheel brings headers of its own, of other
versions, and they win over the system's. What a file sees is followed through the project's own headers."""

import re

from tree import ROOT, files, read, report

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.MULTILINE)
TORCH = ("torch/", "ATen/", "c10/")
TRAP = ("fmt/", "google/protobuf/", "pybind11/")


def seen_by(name):
    """All that a file of ours includes, directly or through other files of ours."""
    found, waiting = set(), [name]
    while waiting:
        for included in INCLUDE.findall(read(waiting.pop())):
            if included not in found:
                found.add(included)
                waiting += [included] if (ROOT / included).is_file() else []
    return found


report(
    [
        f"{path}: sees LibTorch, and {trapped}"
        for path in files(".cpp", ".hpp")
        if any(name.startswith(TORCH) for name in seen_by(str(path)))
        for trapped in sorted(seen_by(str(path)))
        if trapped.startswith(TRAP)
    ]
)
