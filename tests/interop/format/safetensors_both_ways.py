"""Python's safetensors writes, we read and write again, Python reads: bytes and values must be the same; and what it refuses, we refuse.

Arguments: the program format-tool and the folder with the golden files' make.py. Exit status 77 (skipped) without torch and safetensors, but
with CI=true that is a failure."""

import json
import os
import struct
import subprocess
import sys
import tempfile
import unittest

try:
    import numpy
    import safetensors
    import safetensors.numpy
    import safetensors.torch
    import torch
except ImportError:
    print("this Python lacks torch, numpy or safetensors; set CAIRN_PYTHON to one that has them")
    sys.exit(1 if os.environ.get("CI") == "true" else 77)

TOOL, GOLDEN = sys.argv[1:3]
sys.path.insert(0, GOLDEN)
import make  # noqa: E402


def file_of(header, data=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def entry(begin, end, shape, dtype="U8"):
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


GOOD = {
    "nothing": file_of({}),
    "one": file_of({"a": entry(0, 2, [2])}, b"12"),
    "order of the names": file_of({"b": entry(2, 4, [2]), "a": entry(0, 2, [2])}, b"1234"),
    "no padding": file_of(b'{"a":{"dtype":"U8","shape":[],"data_offsets":[0,1]}}', b"1"),
    "white space": file_of(b'{ "a" : {"dtype":"U8",\n"shape":[ ],"data_offsets":[0,1]}}\t\r\n ', b"1"),
    "unknown field": file_of({"a": entry(0, 1, [1]) | {"new": [{"x": None}]}}, b"1"),
    "metadata is null": file_of({"__metadata__": None}),
    "empty tensors": file_of({"a": entry(0, 0, [0, 3]), "b": entry(0, 1, [1]), "c": entry(1, 1, [2, 0])}, b"1"),
    "escapes": file_of(b'{"\\u00e9\\ud83d\\ude00\\/":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}', b"1"),
}
BAD = {
    "too short": b"1234567",
    "no header": struct.pack("<Q", 0),
    "header beyond the end": struct.pack("<Q", 3) + b"{}",
    "length near 2^64": struct.pack("<Q", 2**64 - 1) + b"{}",
    "an array": file_of(b"[]"),
    "no JSON": file_of(b"{,}"),
    "two values": file_of(b"{}{}"),
    "zero behind": file_of(b"{}\0"),
    "bad UTF-8": file_of(b'{"\xff":1}'),
    "half a surrogate": file_of(b'{"\\ud800":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}', b"1"),
    "hole": file_of({"a": entry(0, 1, [1]), "b": entry(2, 3, [1])}, b"123"),
    "overlap": file_of({"a": entry(0, 2, [2]), "b": entry(1, 3, [2])}, b"123"),
    "same place": file_of({"a": entry(0, 2, [2]), "b": entry(0, 2, [2])}, b"12"),
    "starts late": file_of({"a": entry(1, 2, [1])}, b"12"),
    "rest behind": file_of({"a": entry(0, 1, [1])}, b"12"),
    "data cut": file_of({"a": entry(0, 2, [2])}, b"1"),
    "end before begin": file_of({"a": entry(1, 0, [0])}, b"1"),
    "shape too large": file_of({"a": entry(0, 1, [2])}, b"1"),
    "product overflows": file_of({"a": entry(0, 0, [2**32, 2**32])}),
    "bits overflow": file_of({"a": entry(0, 0, [2**61], "U64")}),
    "negative size": file_of({"a": entry(0, 1, [-1, -1])}, b"1"),
    "fraction": file_of(b'{"a":{"dtype":"U8","shape":[1.0],"data_offsets":[0,1]}}', b"1"),
    "minus zero": file_of(b'{"a":{"dtype":"U8","shape":[-0],"data_offsets":[0,0]}}'),
    "beyond 64 bits": file_of({"a": entry(0, 0, [2**64, 0])}),
    "three offsets": file_of({"a": entry(0, 1, [1]) | {"data_offsets": [0, 1, 1]}}, b"1"),
    "field missing": file_of({"a": {"dtype": "U8", "shape": [1]}}, b"1"),
    "field twice": file_of(b'{"a":{"dtype":"U8","dtype":"U8","shape":[1],"data_offsets":[0,1]}}', b"1"),
    "unknown type": file_of({"a": entry(0, 1, [1], "U9")}, b"1"),
    "half a byte": file_of({"a": entry(0, 1, [1], "F4")}, b"1"),
    "metadata not text": file_of({"__metadata__": {"a": 1}}),
    "tensor is null": file_of({"a": None}),
    "nested": file_of(b'{"a":{"dtype":"U8","x":' + b"[" * 200 + b"]" * 200 + b',"shape":[1],"data_offsets":[0,1]}}', b"1"),
    "header of 100 MB": file_of(b"{}" + b" " * 100_000_000),
}
# The library's README forbids these, but the library reads them: the first of two names is lost, or one file is two things.
FORBIDDEN = {
    "name twice": file_of(b'{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}', b"1"),
    "white space before": file_of(b" {}"),
}


class BothWays(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def run_tool(self, data):
        with open(self.path("in.safetensors"), "wb") as file:
            file.write(data)
        urls = ["file://" + self.path(name) for name in ("in.safetensors", "out.safetensors")]
        return subprocess.run([TOOL, *urls], capture_output=True, text=True, check=False)

    def copy(self, data):
        done = self.run_tool(data)
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(self.path("out.safetensors"), "rb") as file:
            return file.read()

    def test_bytes_are_those_of_this_library(self):
        for name, (tensors, metadata) in make.SAFETENSORS.items():
            with self.subTest(name):
                data = safetensors.torch.save(tensors, metadata)
                self.assertEqual(self.copy(data), data)

    def test_bytes_are_those_of_numpy_arrays(self):
        arrays = {f"array.{i}": numpy.arange(i, dtype=kind) for i, kind in enumerate("?bBhHiIlLefd")}
        data = safetensors.numpy.save(arrays)
        self.assertEqual(self.copy(data), data)

    def test_the_library_reads_ours(self):
        for name, (tensors, metadata) in make.SAFETENSORS.items():
            with self.subTest(name):
                self.copy(safetensors.torch.save(tensors, metadata))
                with safetensors.safe_open(self.path("out.safetensors"), "pt") as file:
                    self.assertEqual(file.metadata(), metadata)
                    self.assertEqual(sorted(file.keys()), sorted(tensors))
                    for key, tensor in tensors.items():
                        read = file.get_tensor(key)
                        self.assertEqual((read.dtype, read.shape), (tensor.dtype, tensor.shape))
                        self.assertTrue(torch.equal(read.view(torch.uint8), tensor.view(torch.uint8)) if tensor.dim() else
                                        torch.equal(read, tensor))

    def test_many_tensors(self):
        data = safetensors.torch.save({f"layer.{i}.weight": torch.full((i % 3,), float(i)) for i in range(5000)})
        self.assertEqual(self.copy(data), data)

    def test_what_the_library_reads_is_read(self):
        for name, data in GOOD.items():
            with self.subTest(name):
                theirs = dict(safetensors.deserialize(data))
                ours = dict(safetensors.deserialize(self.copy(data)))
                self.assertEqual(ours, theirs)

    def test_what_the_library_refuses_is_refused(self):
        for name, data in BAD.items():
            with self.subTest(name):
                with self.assertRaises(safetensors.SafetensorError):
                    safetensors.deserialize(data)
                self.assertEqual(self.run_tool(data).returncode, 1)

    def test_what_the_format_forbids_is_refused(self):
        for name, data in FORBIDDEN.items():
            with self.subTest(name):
                self.assertEqual(self.run_tool(data).returncode, 1)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
