"""What these tests share: a few images cut from Fashion-MNIST, and runs of the program on them."""

import gzip
import os
import pathlib
import re
import struct
import subprocess
import sys

DATASET = pathlib.Path("/usr/share/datasets/fashion-mnist")
SKIPPED = 77


def need_dataset():
    if not DATASET.is_dir():
        print(f"{DATASET} not found: install dataset-fashion-mnist")
        sys.exit(1 if os.environ.get("CI") == "true" else SKIPPED)


def cut_images(source, target, count):
    """The first `count` items of an IDX file, as an IDX file."""
    with gzip.open(source) as file:
        magic = file.read(4)
        sizes = struct.unpack(f">{magic[3]}I", file.read(4 * magic[3]))
        item = 1
        for size in sizes[1:]:
            item *= size
        data = file.read(count * item)
    with gzip.open(target, "wb", compresslevel=1) as file:
        file.write(magic + struct.pack(f">{magic[3]}I", count, *sizes[1:]) + data)


def make_dataset(folder, train, test):
    for name, count in (("train", train), ("t10k", test)):
        for kind in ("images-idx3", "labels-idx1"):
            file = f"{name}-{kind}-ubyte.gz"
            cut_images(DATASET / file, pathlib.Path(folder) / file, count)


def command(program, **flags):
    """fashion_mnist with flags: max_steps=3 becomes --max-steps 3."""
    arguments = [str(program), "--accelerator", "cpu"]
    for name, value in flags.items():
        arguments += ["--" + name.replace("_", "-"), str(value)]
    return arguments


def weights(output):
    """The digest of the final weights that the program prints; None if it did not come to an end."""
    found = re.search(r"^weights crc32 ([0-9a-f]{8})$", output, re.MULTILINE)
    return found[1] if found else None


def run(arguments, **options):
    return subprocess.run(arguments, capture_output=True, text=True, check=False, **options)
