"""Python's torch writes, we read and write again, Python's torch reads: bytes and values must be the same.

Arguments: the program format-tool and the folder with the golden files' make.py. Exit status 77 (skipped) without torch, but with CI=true that is a
failure."""

import io
import os
import subprocess
import sys
import tempfile
import unittest
import warnings
from collections import Counter

try:
    import torch
except ImportError:
    print("this Python has no torch; set CAIRN_PYTHON to one that has")
    sys.exit(1 if os.environ.get("CI") == "true" else 77)

TOOL, GOLDEN = sys.argv[1:3]
sys.path[:0] = [GOLDEN, os.path.dirname(os.path.abspath(__file__))]
import make  # noqa: E402
import random_states  # noqa: E402

warnings.filterwarnings("ignore", category=UserWarning)


def saved(value):
    buffer = io.BytesIO()
    torch.save(value, buffer)
    return buffer.getvalue()


def elements(tensor):
    flat = tensor.detach().resolve_conj().resolve_neg().reshape(-1).contiguous()
    return bytes(flat.view(torch.uint8).tolist())


def is_composite(value):
    if isinstance(value, torch.Tensor):
        return value.layout != torch.strided or value.is_quantized or value.is_nested or value.is_meta
    return isinstance(value, (torch.UntypedStorage, torch.TypedStorage))


def same(left, right):
    if is_composite(left):
        return type(left) is type(right) and saved(left) == saved(right)
    if isinstance(left, torch.Tensor):
        described = [(type(t), t.dtype, t.shape, t.stride(), t.requires_grad, t.is_conj(), t.is_neg()) for t in (left, right)]
        return described[0] == described[1] and elements(left) == elements(right) and same(vars(left), vars(right))
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return list(left) == list(right) and all(same(left[key], right[key]) for key in left)
    if isinstance(left, (list, tuple)):
        return len(left) == len(right) and all(map(same, left, right))
    return left == right or left != left


class BothWays(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def copy(self, data, *options):
        with open(self.path("in.ckpt"), "wb") as file:
            file.write(data)
        run = subprocess.run([TOOL, "file://" + self.path("in.ckpt"), "file://" + self.path("out.ckpt"), *options], capture_output=True, text=True)
        self.assertEqual(run.returncode, 0, run.stderr)
        with open(self.path("out.ckpt"), "rb") as file:
            return file.read()

    def refusal(self, data):
        with open(self.path("in.ckpt"), "wb") as file:
            file.write(data)
        run = subprocess.run([TOOL, "file://" + self.path("in.ckpt"), "file://" + self.path("out.ckpt")], capture_output=True, text=True)
        self.assertEqual(run.returncode, 1)
        self.assertFalse(os.path.exists(self.path("out.ckpt")))
        return run.stderr

    def test_bytes_are_those_of_this_torch(self):
        for name, value in (make.CASES | make.OPAQUE).items():
            with self.subTest(name):
                data = saved(value)
                self.assertEqual(self.copy(data, "--allow-opaque"), data)

    def test_torch_reads_ours(self):
        for mmap in (False, True):
            for name, value in make.CASES.items():
                with self.subTest(name, mmap=mmap):
                    self.copy(saved(value), "--index")
                    expected = torch.load(io.BytesIO(saved(value)), weights_only=True)
                    self.assertTrue(same(expected, torch.load(self.path("out.ckpt"), weights_only=True, mmap=mmap)))

    def test_wide_alignment(self):
        from torch.utils.serialization import config
        config.save.storage_alignment = 4096
        self.addCleanup(setattr, config.save, "storage_alignment", 64)
        data = saved(make.CASES["views"])
        self.assertEqual(self.copy(data, "--alignment", "4096"), data)

    def test_storages_stay_shared(self):
        self.copy(saved(make.CASES["views"]))
        views = torch.load(self.path("out.ckpt"), weights_only=True)
        self.assertEqual(views["all"].untyped_storage().data_ptr(), views["column"].untyped_storage().data_ptr())

    def test_metadata_of_a_state_dict_stays(self):
        state = make.model().state_dict()
        self.copy(saved(state))
        self.assertEqual(torch.load(self.path("out.ckpt"), weights_only=True)._metadata, state._metadata)

    def test_many_records(self):
        data = saved([torch.full((i % 3,), float(i)) for i in range(3000)])
        self.assertEqual(self.copy(data), data)

    def test_pickle_protocols(self):
        value = {"a": b"xyz", "b": ("é", 2**40), "c": torch.ones(2)}
        for protocol in (2, 3, 4, 5):
            buffer = io.BytesIO()
            torch.save(value, buffer, pickle_protocol=protocol)
            self.copy(buffer.getvalue())
            self.assertTrue(same(value, torch.load(self.path("out.ckpt"), weights_only=True)))

    def test_kinds_of_python_stay(self):
        value = {"p": torch.nn.Parameter(torch.ones(2)), "c": Counter({3: 1}), "s": torch.Size([2, 3]), "z": [1j, {1, 2}, torch.device("cuda", 0)]}
        self.copy(saved(value))
        read = torch.load(self.path("out.ckpt"), weights_only=True)
        self.assertIsInstance(read["p"], torch.nn.Parameter)
        self.assertEqual([type(item) for item in read.values()], [type(item) for item in value.values()])
        self.assertEqual((read["c"], read["s"], read["z"]), (value["c"], value["s"], value["z"]))

    def test_objects_of_python_are_kept_and_written_where_that_is_asked_for(self):
        import pathlib
        value = {"path": pathlib.PurePosixPath("/a"), "set": frozenset([1]), "numbers": torch.ones(2)}
        message = self.refusal(saved(value))
        self.assertIn("pathlib.PurePosixPath (save str(path)), which torch.load(weights_only=True) refuses", message)
        self.assertIn("save file://" + self.path("out.ckpt"), message)
        self.assertEqual(self.copy(saved(value), "--allow-opaque"), saved(value))

    def test_random_states_keep_their_bytes(self):
        tool = subprocess.Popen([TOOL, "-", "-", "--allow-opaque"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for seed in range(500):
            data = saved(random_states.state(seed))
            with open(self.path("in.ckpt"), "wb") as file:
                file.write(data)
            tool.stdin.write(f"file://{self.path('in.ckpt')}\nfile://{self.path('out.ckpt')}\n")
            tool.stdin.flush()
            with self.subTest(seed=seed):
                self.assertEqual(tool.stdout.readline(), "ok\n")
                with open(self.path("out.ckpt"), "rb") as file:
                    self.assertEqual(file.read(), data)
        tool.stdin.close()
        self.assertEqual(tool.wait(), 0)

    def test_old_formats_are_told_apart(self):
        buffer = io.BytesIO()
        torch.save({"a": 1}, buffer, _use_new_zipfile_serialization=False)
        self.assertIn("before 1.6", self.refusal(buffer.getvalue()))

    def test_modules_of_torchscript_are_read_as_their_fields(self):
        buffer, module = io.BytesIO(), torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3))
        torch.jit.save(torch.jit.script(module), buffer)
        self.copy(buffer.getvalue())
        read = torch.load(self.path("out.ckpt"), weights_only=True)
        self.assertTrue(same(read["0"]["weight"].detach(), module[0].weight.detach()))
        self.assertTrue(same(read["1"]["running_var"], module[1].running_var))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
