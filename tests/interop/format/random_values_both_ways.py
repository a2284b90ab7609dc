"""Random values that C++ made: Python's torch reads each with weights_only=True, plainly and mapped, and saves it again; C++ then
compares what it reads with the values made anew, bit for bit, and which of their objects are one. $CAIRN_SEED: others than those of 1.

Argument: the program format-tool. Exit status 77 (skipped) without torch, but with CI=true that is a failure."""

import os
import subprocess
import sys
import tempfile
import unittest

try:
    import torch
except ImportError:
    print("this Python has no torch; set CAIRN_PYTHON to one that has")
    sys.exit(1 if os.environ.get("CI") == "true" else 77)

TOOL = sys.argv[1]
COUNT = 500
SEED = int(os.environ.get("CAIRN_SEED", "1"))


class BothWays(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.made = os.path.join(cls.folder.name, "made")
        subprocess.run([TOOL, "write-random", cls.made, str(COUNT), str(SEED)], check=True)

    def test_python_keeps_what_it_reads(self):
        self.assertEqual(self.saved_again(mmap=False), f"{COUNT} of {COUNT} are the same\n")

    def test_python_keeps_what_it_maps(self):
        self.assertEqual(self.saved_again(mmap=True), f"{COUNT} of {COUNT} are the same\n")

    def saved_again(self, mmap):
        again = os.path.join(self.folder.name, f"again-{mmap}")
        os.mkdir(again)
        for number in range(COUNT):
            with self.subTest(seed=SEED + number):
                value = torch.load(os.path.join(self.made, f"{number}.pt"), weights_only=True, mmap=mmap)
                torch.save(value, os.path.join(again, f"{number}.pt"))
        done = subprocess.run([TOOL, "check-random", again, str(COUNT), str(SEED)], capture_output=True, text=True, check=False)
        self.assertEqual(done.stderr, "")
        return done.stdout


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1, warnings="ignore")
