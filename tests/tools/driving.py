"""Drives the program `cairn`, the first argument, as a user does. The files lie below CAIRN_TEST_URL, else in a temporary folder."""

import os
import subprocess
import sys
import tempfile
import unittest
import uuid

PROGRAM = sys.argv.pop(1)
SERVER = os.environ.get("CAIRN_TEST_URL")


def cairn(*arguments, stdin=b"", **environment):
    return subprocess.run(
        [PROGRAM, *arguments], input=stdin, capture_output=True, check=False, timeout=120, env=os.environ | environment
    )


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="cairn-command-")
        self.addCleanup(self.folder.cleanup)
        self.root = f"{SERVER}/{uuid.uuid4().hex}" if SERVER else f"{self.folder.name}/root"

    def put(self, name, content=b"some text\n"):
        self.assertEqual(self.expect(0, "cp", "-", f"{self.root}/{name}", stdin=content), b"")

    def expect(self, code, *arguments, stdin=b"", **environment):
        """Runs, checks the exit code and that a failure is told in one message; returns what was printed."""
        done = cairn(*arguments, stdin=stdin, **environment)
        self.assertEqual(done.returncode, code, done.stderr.decode())
        if code:
            self.message = done.stderr.decode()
            self.assertRegex(self.message, r"\Acairn: [^\n]+\n(hint: [^\n]+\n)?\Z")
        else:
            self.assertEqual(done.stderr, b"")
        return done.stdout
