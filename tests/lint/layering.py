"""Each part includes only what stands below it (vfs -> checkpoint/format -> checkpoint -> trainer), by one table."""

import re

from tree import files, read, report

TORCH = ("torch/", "ATen/", "c10/", "caffe2/")
# Folder -> what its files may not include. The longest folder that fits a file counts, with those above it.
FORBIDDEN = {
    "vfs": (*TORCH, "checkpoint/", "trainer/", "tools/", "tests/"),
    "vfs/base": ("vfs/crypto/", "vfs/net/", "vfs/s3/", "vfs/file/", "vfs/memory/", "vfs/transfer/", "vfs/tree/"),
    "vfs/crypto": ("vfs/net/", "vfs/s3/", "vfs/file/", "vfs/memory/", "vfs/transfer/", "vfs/tree/"),
    "vfs/net": ("vfs/s3/", "vfs/file/", "vfs/memory/", "vfs/transfer/", "vfs/tree/"),
    "vfs/s3": ("vfs/file/", "vfs/memory/", "vfs/transfer/", "vfs/tree/", "vfs/gcs/", "vfs/azure/"),
    "vfs/gcs": ("vfs/file/", "vfs/memory/", "vfs/transfer/", "vfs/tree/", "vfs/s3/", "vfs/azure/"),
    "vfs/azure": ("vfs/file/", "vfs/memory/", "vfs/transfer/", "vfs/tree/", "vfs/s3/", "vfs/gcs/"),
    "vfs/file": ("vfs/net/", "vfs/s3/", "vfs/memory/", "vfs/transfer/", "vfs/tree/"),
    "vfs/memory": ("vfs/net/", "vfs/s3/", "vfs/file/", "vfs/transfer/", "vfs/tree/"),
    "vfs/transfer": ("vfs/net/", "vfs/s3/", "vfs/file/", "vfs/memory/", "vfs/tree/"),
    "vfs/tree": ("vfs/net/", "vfs/s3/", "vfs/file/", "vfs/memory/"),
    "checkpoint": ("trainer/", "tools/", "tests/"),
    "checkpoint/format": TORCH,
    "trainer": ("tools/", "tests/", "checkpoint/format/json", "curl/", "openssl/"),
    "tools": (*TORCH, "trainer/", "tests/"),
}
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.MULTILINE)
PRIVATE = re.compile(r"(vfs|trainer)/[a-z0-9_]+/|checkpoint/(?!format/)[a-z0-9_]+/|checkpoint/format/[a-z0-9_]+/")
# The libraries that are private to vfs, with their headers: no public header shows them.
PRIVATE_LIBRARIES = ("curl/", "openssl/", "pugixml", "nlohmann/", "isa-l", "fmt/")


def owner(path):
    """The library that a file belongs to."""
    if path.parts[:2] == ("checkpoint", "format"):
        return "checkpoint/format"
    return path.parts[0]


def is_public_header(path):
    return path.suffix == ".hpp" and str(path.parent) in ("vfs", "checkpoint", "checkpoint/format", "trainer")


def problems(path):
    folders = [str(parent) for parent in path.parents]
    forbidden = [prefix for folder in folders for prefix in FORBIDDEN.get(folder, ())]
    for included in INCLUDE.findall(read(path)):
        if included.startswith(tuple(forbidden)):
            yield f"{path}: may not include {included}"
        if PRIVATE.match(included) and not included.startswith(owner(path) + "/") and path.parts[0] != "tests":
            yield f"{path}: {included} is private to another library"
        if is_public_header(path) and (PRIVATE.match(included) or included.startswith(PRIVATE_LIBRARIES)):
            yield f"{path}: a public header may not include {included}, which is private"
        if path.suffix == ".hpp" and included in ("torch/torch.h", "torch/all.h"):
            yield f"{path}: {included} costs 25 s in every file that includes this header"


report([problem for path in files(".cpp", ".hpp") for problem in problems(path)])
