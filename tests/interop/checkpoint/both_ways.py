"""C++ writes every kind of value and Python reads it, and the reverse; training goes on across the two languages."""

import os
import struct
import sys

from support import OPTIMIZERS, Case, Net, as_json, torch, unittest

DTYPES = (
    *("uint8", "int8", "int16", "int32", "int64", "float16", "bfloat16", "float32", "float64"),
    *("complex32", "complex64", "complex128", "bool", "uint16", "uint32", "uint64"),
    *("float8_e5m2", "float8_e4m3fn", "float8_e5m2fnuz", "float8_e4m3fnuz"),
)


def expected():
    """The same as make() in checkpoint_tool.cpp, but for the model."""
    base = torch.arange(12, dtype=torch.float32).reshape(3, 4)
    numbers = torch.view_as_complex(torch.arange(4, dtype=torch.float64).reshape(2, 2))
    square = torch.arange(4, dtype=torch.float32).reshape(2, 2)
    return {
        "dtypes": {name: square.to(getattr(torch, name)) for name in DTYPES},
        "base": base,
        "transposed": base.t()[1:3],
        "row": base[1],
        "scalar": torch.tensor(2.5, dtype=torch.float64),
        "empty": torch.empty((0, 3), dtype=torch.int64),
        "conjugate": numbers.conj(),
        "negative": numbers.clone().conj().imag,
        "gradient": torch.ones(2, requires_grad=True),
        "undefined": None,
        "nested": [1, 2.5, "text", None, True, (-1, b"\0\xff"), {1: "one", "list": []}],
        "my_state": {
            "name": "café",
            "seed": 2**64 - 1,
            "phase": 2,
            "ema": {"cereal_class_version": 2, "step": 3, "weight": base},
            "best": None,
            "losses": [0.5, 0.25],
            "by_epoch": {2: ("two", True)},
        },
        "schedules": [{"__type__": "Warmup", "steps": 3}, None, {"__type__": "Warmup", "steps": 3}],
        "index": {
            "__cpp__": "Index",
            "codec": "cereal.portable_binary",
            "version": 0,
            # Little-endian; one item: a text of one byte, and an int.
            "data": torch.tensor(list(b"\1" + struct.pack("<QQ", 1, 1) + b"a" + struct.pack("<i", 1)), dtype=torch.uint8),
        },
    }


class CppWrites(Case):
    def setUp(self):
        super().setUp()
        self.tool("make", self.url("made.ckpt"))

    def test_python_reads_equal_values(self):
        for options in ({}, {"mmap": True}):
            with self.subTest(**options):
                value = self.load("made.ckpt", **options)
                value.pop("model")
                self.check_same(value, expected())

    def test_views_share_their_storage(self):
        for options in ({}, {"mmap": True}):
            with self.subTest(**options):
                value = self.load("made.ckpt", **options)
                base = value["base"].untyped_storage().data_ptr()
                for tensor in (value["transposed"], value["row"], value["my_state"]["ema"]["weight"]):
                    self.assertEqual(tensor.untyped_storage().data_ptr(), base)

    def test_an_object_of_two_pointers_is_one_object(self):
        first, _, third = self.load("made.ckpt")["schedules"]
        self.assertIs(first, third)

    def test_nothing_in_it_is_unsafe(self):
        self.assertEqual(torch.serialization.get_unsafe_globals_in_checkpoint(self.path("made.ckpt")), [])

    def test_a_module_of_python_takes_the_state_dict(self):
        state = self.load("made.ckpt")["model"]
        net = Net()
        self.assertEqual(list(state), list(net.state_dict()))
        self.assertEqual(state._metadata, net.state_dict()._metadata)
        net.load_state_dict(state)
        self.check_same(dict(net.state_dict()), dict(state))


class PythonWrites(Case):
    def test_cpp_reads_and_writes_equal_values(self):
        value = expected()
        torch.save(value, self.path("in.ckpt"))
        self.tool("copy", self.url("in.ckpt"), self.url("out.ckpt"))
        self.check_same(self.load("out.ckpt"), value)

    def test_cpp_shows_the_elements_that_python_wrote(self):
        value = {"state": Net().state_dict(), "list": [1, -2.5, "x", None, False], "view": torch.arange(6).reshape(2, 3).t()}
        torch.save(value, self.path("in.ckpt"))
        self.assertEqual(self.dump("in.ckpt"), as_json(value))

    def test_a_changed_object_goes_back_into_its_class(self):
        self.tool("make", self.url("made.ckpt"))
        value = self.load("made.ckpt")
        state = value["my_state"]
        state.update(best=0.75, losses=torch.tensor([1.0, 2.0, 3.0]), unknown="x")
        state["ema"] = {"weight": torch.ones(4), "step": torch.tensor(9), "cereal_class_version": 2}
        torch.save(value, self.path("changed.ckpt"))
        self.assertEqual(self.tool("object", self.url("changed.ckpt")).split(), ["café", str(2**64 - 1), "9", "4", "0.75", "3", "two"])


# LibTorch steps with the same operations in the same order; in the others Python uses lerp, and so differs in the last bit.
EXACT = ("SGD", "Adagrad", "RMSprop, not centered")


def batches(count, seed):
    generator = torch.Generator().manual_seed(seed)
    return [tuple(torch.randn(5, size, generator=generator) for size in (4, 2)) for _ in range(count)]


def train(net, optimizer, data):
    for x, y in data:

        def closure():
            optimizer.zero_grad()
            loss = torch.nn.functional.mse_loss(net(x), y)
            loss.backward()
            return loss

        optimizer.step(closure)


def root_of(net, optimizer, data):
    return {"state_dict": net.state_dict(), "optimizer_states": [optimizer.state_dict()], "batches": data}


class Training(Case):
    def start(self, name):
        torch.manual_seed(1)
        net = Net()
        optimizer = OPTIMIZERS[name](net.parameters())
        train(net, optimizer, batches(3, seed=2))
        return net, optimizer

    def test_state_comes_back_from_cpp_bit_for_bit(self):
        for name in OPTIMIZERS:
            with self.subTest(name):
                before = root_of(*self.start(name), [])
                torch.save(before, self.path("in.ckpt"))
                self.tool("train", self.url("in.ckpt"), self.url("out.ckpt"), name)
                after = self.load("out.ckpt")
                self.check_same(after, before)

    def test_steps_in_cpp_between_steps_in_python_are_as_all_in_python(self):
        for name in OPTIMIZERS:
            with self.subTest(name):
                net, optimizer = self.start(name)
                torch.save(root_of(net, optimizer, batches(4, seed=3)), self.path("in.ckpt"))
                train(net, optimizer, batches(4, seed=3))
                train(net, optimizer, batches(2, seed=4))

                self.tool("train", self.url("in.ckpt"), self.url("out.ckpt"), name)
                middle = self.load("out.ckpt")
                other = Net()
                other_optimizer = OPTIMIZERS[name](other.parameters())
                other.load_state_dict(middle["state_dict"])
                other_optimizer.load_state_dict(middle["optimizer_states"][0])
                train(other, other_optimizer, batches(2, seed=4))

                if name in EXACT:
                    self.check_same(dict(other.state_dict()), dict(net.state_dict()))
                # Differences of the last bit grow from step to step in L-BFGS.
                loose = {"rtol": 1e-3, "atol": 1e-4} if name == "LBFGS" else {}
                for key, tensor in net.state_dict().items():
                    torch.testing.assert_close(other.state_dict()[key], tensor, **loose)

    def test_a_stop_in_python_between_steps_in_cpp_changes_no_bit(self):
        for name in OPTIMIZERS:
            with self.subTest(name):
                first, second = batches(3, seed=3), batches(2, seed=4)
                net, optimizer = self.start(name)
                torch.save(root_of(net, optimizer, first + second), self.path("all.ckpt"))
                torch.save(root_of(net, optimizer, first), self.path("first.ckpt"))

                self.tool("train", self.url("all.ckpt"), self.url("expected.ckpt"), name)
                self.tool("train", self.url("first.ckpt"), self.url("middle.ckpt"), name)
                middle = self.load("middle.ckpt")
                net.load_state_dict(middle["state_dict"])
                optimizer.load_state_dict(middle["optimizer_states"][0])
                torch.save(root_of(net, optimizer, second), self.path("second.ckpt"))
                self.tool("train", self.url("second.ckpt"), self.url("out.ckpt"), name)

                expected, found = self.load("expected.ckpt"), self.load("out.ckpt")
                self.check_same(dict(found["state_dict"]), dict(expected["state_dict"]))
                self.check_same(found["optimizer_states"], expected["optimizer_states"])

    def test_fields_that_only_python_knows_come_back(self):
        net = Net()
        names = [name for name, _ in net.named_parameters()]
        optimizer = torch.optim.Adam(net.named_parameters(), lr=torch.tensor(0.5), fused=True, weight_decay=0)
        torch.optim.lr_scheduler.StepLR(optimizer, 1)
        optimizer.param_groups[0]["of a later version"] = {"a": [1, None]}
        train(net, optimizer, batches(1, seed=3))
        before = root_of(net, optimizer, [])
        self.assertEqual(before["optimizer_states"][0]["param_groups"][0]["param_names"], names)

        torch.save(before, self.path("in.ckpt"))
        self.tool("train", self.url("in.ckpt"), self.url("out.ckpt"), "Adam")

        self.check_same(self.load("out.ckpt"), before)


class Random(Case):
    def test_the_generator_goes_on_in_cpp_and_back_in_python(self):
        torch.manual_seed(5)
        torch.randn(3)
        state = torch.get_rng_state()
        expected = torch.randn(20)
        torch.save({"rng": state}, self.path("in.ckpt"))

        self.tool("random", self.url("in.ckpt"), self.url("out.ckpt"))

        found = self.load("out.ckpt")
        self.check_same(found["numbers"], expected)
        self.check_same(found["rng"], torch.get_rng_state())
        torch.set_rng_state(found["rng"])


class BadInput(Case):
    def check_refused(self, name, *causes):
        message = self.refusal("train", self.url(name), self.url("out.ckpt"), "SGD")
        for cause in causes:
            self.assertIn(cause, message)
        self.assertFalse(os.path.exists(self.path("out.ckpt")))

    def good(self):
        net = Net()
        return root_of(net, OPTIMIZERS["SGD"](net.parameters()), [])

    def test_a_missing_file_is_named(self):
        self.check_refused("missing.ckpt", "missing.ckpt", "not found")

    def test_a_truncated_file_is_named(self):
        torch.save(self.good(), self.path("whole.ckpt"))
        with open(self.path("whole.ckpt"), "rb") as whole, open(self.path("half.ckpt"), "wb") as half:
            half.write(whole.read()[:-100])
        self.check_refused("half.ckpt", "half.ckpt")

    def test_a_foreign_file_is_named(self):
        with open(self.path("page.ckpt"), "w") as file:
            file.write("<html>404</html>")
        self.check_refused("page.ckpt", "page.ckpt")

    def test_a_file_with_a_flipped_bit_is_refused(self):
        torch.save(self.good(), self.path("flipped.ckpt"))
        with open(self.path("flipped.ckpt"), "r+b") as file:
            data = file.read()
            position = data.index(self.good()["state_dict"]["norm.running_var"].numpy().tobytes())
            file.seek(position)
            file.write(bytes([data[position] ^ 1]))
        self.check_refused("flipped.ckpt", "flipped.ckpt", "checksum")

    def test_shapes_that_differ_are_all_listed(self):
        value = self.good()
        value["state_dict"]["first.weight"] = torch.ones(8, 5)
        value["state_dict"]["last.bias"] = torch.ones(3)
        torch.save(value, self.path("shapes.ckpt"))
        self.check_refused("shapes.ckpt", "first.weight: expected [8, 4], found [8, 5]", "last.bias: expected [2], found [3]")

    def test_an_optimizer_of_another_kind_is_refused(self):
        value = self.good()
        value["optimizer_states"][0]["param_groups"][0]["params"] = [0, 1]
        torch.save(value, self.path("groups.ckpt"))
        self.check_refused("groups.ckpt", "group 0 has 2 parameters there, 5 in the optimizer")

    def test_a_module_in_place_of_its_state_is_refused_by_its_name(self):
        torch.save({"state_dict": Net()}, self.path("module.ckpt"))
        self.check_refused("module.ckpt", "support.Net", "state_dict()")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
