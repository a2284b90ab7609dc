"""Each part includes only what stands below it (vfs -> checkpoint/format -> checkpoint -> trainer), by one table."""

import re
from pathlib import PurePosixPath

from tree import files, public_headers, read, report

TORCH = ("torch/", "ATen/", "c10/", "caffe2/")
# Folder -> what its files may not include. The longest folder that fits a file counts, with those above it.
FORBIDDEN = {
    "vfs": (*TORCH, "checkpoint/", "trainer/", "tools/", "tests/"),
    "vfs/base": ("vfs/crypto/", "vfs/net/", "vfs/s3/", "vfs/file/", "vfs/memory/", "vfs/transfer/", "vfs/tree/"),
    "vfs/crypto": ("vfs/net/", "vfs/s3/", "vfs/file/", "vfs/memory/", "vfs/transfer/", "vfs/tree/"),
    "vfs/net": ("vfs/s3/", "vfs/file/", "vfs/memory/", "vfs/transfer/", "vfs/tree/"),
    "vfs/s3": ("vfs/file/", "vfs/memory/", "vfs/transfer/", "vfs/tree/", "vfs/gcs/", "vfs/azure/", "vfs/http/"),
    "vfs/gcs": ("vfs/file/", "vfs/memory/", "vfs/transfer/", "vfs/tree/", "vfs/s3/", "vfs/azure/", "vfs/http/"),
    "vfs/azure": ("vfs/file/", "vfs/memory/", "vfs/transfer/", "vfs/tree/", "vfs/s3/", "vfs/gcs/", "vfs/http/"),
    "vfs/http": ("vfs/file/", "vfs/memory/", "vfs/transfer/", "vfs/tree/", "vfs/s3/", "vfs/gcs/", "vfs/azure/"),
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
OURS = ("vfs/", "checkpoint/", "trainer/")
PUBLIC = public_headers()
# The libraries that are private to vfs, with their headers: no public header shows them.
PRIVATE_LIBRARIES = ("curl/", "openssl/", "pugixml", "nlohmann/", "isa-l", "fmt/")


def owner(path):
    """The library that a file belongs to."""
    if path.parts[:2] == ("checkpoint", "format"):
        return "checkpoint/format"
    return path.parts[0]


def problems(path):
    folders = [str(parent) for parent in path.parents]
    forbidden = [prefix for folder in folders for prefix in FORBIDDEN.get(folder, ())]
    for included in INCLUDE.findall(read(path)):
        if included.startswith(tuple(forbidden)):
            yield f"{path}: may not include {included}"
        private = included.startswith(OURS) and PurePosixPath(included) not in PUBLIC
        if private and owner(PurePosixPath(included)) != owner(path) and path.parts[0] != "tests":
            yield f"{path}: {included} is private to another library"
        if path in PUBLIC and (private or included.startswith(PRIVATE_LIBRARIES)):
            yield f"{path}: a public header may not include {included}, which is private"
        if path.suffix == ".hpp" and included in ("torch/torch.h", "torch/all.h"):
            yield f"{path}: {included} costs 25 s in every file that includes this header"


report([problem for path in files(".cpp", ".hpp") for problem in problems(path)])
