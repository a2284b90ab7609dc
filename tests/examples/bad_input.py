"""What can be wrong with a user's input and world: one message that names the URL, the operation and the cause; exit status
not 0; nothing half-written.

    bad_input.py --program build/trainer/examples/fashion_mnist --cairn build/tools/cairn/cairn

Works below $CAIRN_TEST_URL, with the environment's credentials.
"""

import argparse
import gzip
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest
import zipfile

import common

ARGUMENTS = None
STORE = os.environ.get("CAIRN_TEST_URL", "").rstrip("/") + "/bad-input"


def cairn(*arguments):
    return common.run([ARGUMENTS.cairn, *map(str, arguments)])


class BadInput(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.path = pathlib.Path(cls.folder.name)
        common.make_dataset(cls.path, train=240, test=20)
        cls.good = cls.path / "good.ckpt"
        cls.train_good_checkpoint()

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @classmethod
    def train_good_checkpoint(cls):
        root = cls.path / "good"
        result = common.run(cls.command(root=root, max_steps=2))
        if result.returncode != 0:
            raise RuntimeError(result.stderr)
        next((root / "checkpoints").glob("*.ckpt")).rename(cls.good)

    @classmethod
    def command(cls, **flags):
        return common.command(ARGUMENTS.program, **({"data": cls.path, "max_steps": 2, "hidden": 64, "print_every": 1} | flags))

    def fails(self, flags, url, operation, cause, env=None):
        """Runs the program and checks its last words; `cause` is a pattern."""
        result = subprocess.run(
            self.command(**flags), capture_output=True, text=True, check=False, timeout=120,
            env=os.environ | (env or {}))
        self.check_message(result, url, operation, cause)

    def check_message(self, result, url, operation, cause):
        self.assertGreater(result.returncode, 0, result.stdout + result.stderr)
        self.assertIsNone(common.weights(result.stdout))
        message = re.search(r"^fashion_mnist: (cannot )?(?P<operation>[a-z]+) (.|\n)*$", result.stderr, re.MULTILINE)
        self.assertIsNotNone(message, result.stderr)
        self.assertEqual(result.stderr.count("fashion_mnist: "), 1, result.stderr)
        self.assertEqual(message["operation"], operation, message[0])
        self.assertIn(str(url), message[0])
        self.assertRegex(message[0], re.compile(cause, re.IGNORECASE))

    def root(self):
        """A place of this test's own in the store."""
        return f"{STORE}/{self.id().rsplit('.', 1)[1]}"

    def assert_nothing_written(self, root):
        listing = cairn("ls", "-r", root)
        self.assertEqual(listing.stdout, "")
        self.assertEqual(listing.returncode, 3, listing.stderr)  # not found

    def upload(self, data):
        """Puts a file into the store as a checkpoint; returns its URL."""
        file = self.path / "upload"
        file.write_bytes(data)
        url = f"{self.root()}-input/file.ckpt"
        copied = cairn("cp", file, url)
        self.assertEqual(copied.returncode, 0, copied.stderr)
        return url

    def refuses_checkpoint(self, url, operation, cause, **flags):
        self.fails({"root": self.root(), "ckpt_path": url, "max_steps": 5} | flags, url, operation, cause)
        self.assert_nothing_written(self.root())

    def test_unknown_flag(self):
        result = common.run([ARGUMENTS.program, "--bogus"])
        self.assertEqual(result.returncode, 2)
        self.assertRegex(result.stderr, r"^fashion_mnist: .*--bogus.*\n$")

    def test_flag_of_the_wrong_kind(self):
        result = common.run([ARGUMENTS.program, "--max-steps", "many"])
        self.assertEqual(result.returncode, 2)
        self.assertRegex(result.stderr, r"^fashion_mnist: --max-steps: \"many\".*\n$")

    def test_unknown_scheme(self):
        self.fails({"root": "gopher://host/run"}, "gopher://host/run", "open", "unknown scheme")

    def test_mistyped_url(self):
        self.fails({"root": "s3:/bucket/run"}, "s3:/bucket/run", "parse", "s3://")

    def test_missing_bucket(self):
        root = "s3://there-is-no-such-bucket/run"
        self.fails({"root": root}, root, "write", "NoSuchBucket|not found")

    def test_refused_credentials(self):
        wrong = {"AWS_SECRET_ACCESS_KEY": "not-the-secret-of-this-server"}
        self.fails({"root": self.root()}, self.root(), "write", "SignatureDoesNotMatch|denied|credentials", env=wrong)
        self.assert_nothing_written(self.root())

    def test_no_credentials(self):
        none = {"AWS_SECRET_ACCESS_KEY": "", "AWS_ACCESS_KEY_ID": "", "HOME": str(self.path)}
        self.fails({"root": self.root()}, self.root(), "write", "credentials", env=none)
        self.assert_nothing_written(self.root())

    def test_no_server(self):
        gone = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_MAX_ATTEMPTS": "2"}
        self.fails({"root": self.root()}, self.root(), "write", "connect|unavailable", env=gone)

    def test_checkpoint_that_is_not_there(self):
        self.refuses_checkpoint(f"{self.root()}-input/none.ckpt", "load", "not found|no such")

    def test_last_of_a_run_that_has_none(self):
        self.fails({"root": self.root(), "ckpt_path": "last"}, f"{self.root()}/checkpoints/last.json", "resume", "there is no")
        self.assert_nothing_written(self.root())

    def test_truncated_checkpoint(self):
        data = self.good.read_bytes()
        self.refuses_checkpoint(self.upload(data[: len(data) // 2]), "load", "truncat|damaged|corrupt|end")

    def test_checkpoint_with_a_flipped_bit(self):
        data = bytearray(self.good.read_bytes())
        with zipfile.ZipFile(self.good) as archive:
            largest = max(archive.infolist(), key=lambda entry: entry.file_size)
        data[largest.header_offset + largest.file_size // 2] ^= 1
        self.refuses_checkpoint(self.upload(bytes(data)), "load", "crc|checksum|digest|damaged|corrupt")

    def test_empty_checkpoint(self):
        self.refuses_checkpoint(self.upload(b""), "load", "empty|truncat|not a|damaged|corrupt")

    def test_file_of_another_kind(self):
        self.refuses_checkpoint(self.upload(b"%PDF-1.4\n" * 5000), "load", "not an archive")

    def test_zip_that_is_no_checkpoint(self):
        file = self.path / "other.zip"
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("folder/readme.txt", "hello")
        self.refuses_checkpoint(self.upload(file.read_bytes()), "load", "data.pkl|not a|foreign|unsupported")

    def test_pickle_that_runs_code(self):
        """What torch.load(weights_only=False) would execute."""
        file = self.path / "evil.zip"
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("archive/data.pkl", b"cposix\nsystem\n(Vtouch " + bytes(self.path / "ran") + b"\ntR.")
            archive.writestr("archive/version", "3\n")
        self.refuses_checkpoint(self.upload(file.read_bytes()), "load", "posix|system|not allowed|state|checkpoint")
        self.assertFalse((self.path / "ran").exists())

    def test_checkpoint_of_another_network(self):
        self.refuses_checkpoint(self.upload(self.good.read_bytes()), "resume", "hidden.weight.*(64|32)", hidden=32)

    def test_missing_data(self):
        self.fails({"root": self.root(), "data": self.path / "none"}, self.path / "none", "read", "No such file")
        self.assert_nothing_written(self.root())

    def test_truncated_data(self):
        broken = self.path / "broken"
        broken.mkdir()
        common.make_dataset(broken, train=240, test=20)
        images = broken / "train-images-idx3-ubyte.gz"
        images.write_bytes(images.read_bytes()[:-1000])
        self.fails({"root": self.root(), "data": broken}, images, "read", "ends too early|whole")

    def test_data_whose_header_asks_for_too_much(self):
        huge = self.path / "huge"
        huge.mkdir()
        images = huge / "train-images-idx3-ubyte.gz"
        with gzip.open(images, "wb") as file:
            file.write(b"\0\0\x08\x03" + b"\xff" * 12)
        self.fails({"root": self.root(), "data": huge}, images, "read", "1 GiB")

    def test_folder_that_can_not_be_made(self):
        root = self.good / "run"  # below a file
        self.fails({"root": root}, root, "write", "not a directory|directory|exists")

    def test_full_disk(self):
        folder = self.path / "full"
        folder.mkdir()
        script = 'mount -t tmpfs -o size=256k full "$0" && { "$@"; status=$?; find "$0" -type f; exit $status; }'
        private = ["unshare", "--mount", "sh", "-c"]
        if common.run(private + ['mount -t tmpfs -o size=64k full "$0"', folder]).returncode != 0:
            self.skipTest("no permission to mount a small tmpfs")
        result = common.run(private + [script, folder, *self.command(root=folder / "run")])
        self.check_message(result, folder / "run", "write", "no space|full")
        left = [line for line in result.stdout.splitlines() if line.startswith(str(folder))]
        self.assertEqual([line for line in left if not line.endswith("metrics.csv")], [])


def main():
    global ARGUMENTS
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True)
    parser.add_argument("--cairn", required=True)
    ARGUMENTS, rest = parser.parse_known_args()
    common.need_dataset()
    unittest.main(argv=[sys.argv[0], *rest])


if __name__ == "__main__":
    main()
