"""`cairn ckpt diff` tells how far elements are apart: for every type, the numbers must be torch's.

Argument: the program cairn. Exit status 77 (skipped) without torch and safetensors, but with CI=true that is a failure."""

import math
import os
import subprocess
import sys
import tempfile
import unittest

try:
    import torch
    from safetensors.torch import save_file
except ImportError:
    print("this Python lacks torch or safetensors; set CAIRN_PYTHON to one that has them")
    sys.exit(1 if os.environ.get("CI") == "true" else 77)

CAIRN = sys.argv[1]
BYTES = ("float8_e5m2", "float8_e4m3fn", "float8_e5m2fnuz", "float8_e4m3fnuz", "float8_e8m0fnu", "int8", "uint8")
PAIRS = ("float16", "bfloat16", "int16", "uint16")


def bits():
    """For each type, all its values or many."""
    for name in BYTES:
        yield name, torch.arange(256, dtype=torch.int16).to(torch.uint8)
    for name in PAIRS:
        yield name, (torch.arange(2048, dtype=torch.int32) * 32 + 5).to(torch.uint16)


class Numbers(unittest.TestCase):
    def test_elements_are_the_numbers_that_torch_reads(self):
        for name, patterns in bits():
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                values = patterns.view(getattr(torch, name))
                one = torch.ones(1).to(values.dtype)
                left = {f"t.{i}": value.reshape(1).clone() for i, value in enumerate(values)}
                save_file(left, f"{folder}/left.safetensors")
                save_file({key: one.clone() for key in left}, f"{folder}/right.safetensors")

                command = [CAIRN, "ckpt", "diff", f"{folder}/left.safetensors", f"{folder}/right.safetensors"]
                done = subprocess.run(command, capture_output=True, text=True, check=False)

                self.assertEqual(done.stderr, "")
                self.assertEqual(self.distances(done.stdout), self.expected(values.double()))

    def distances(self, lines):
        found = {}
        for line in lines.splitlines():
            key, _, rest = line.removeprefix("! ").partition(": 1 of 1 elements")
            found[key] = float(rest.removeprefix(", by up to ")) if rest else None
        return found

    def expected(self, values):
        """No distance for what is no number, and no line for what is 1."""
        return {
            f"t.{i}": None if math.isnan(value) else abs(value - 1)
            for i, value in enumerate(values.tolist())
            if value != 1
        }


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
