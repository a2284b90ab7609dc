"""The commands `cairn ckpt …` on files that Python's torch and safetensors have made (tests/golden, the second argument)."""

import json
import pathlib
import struct
import sys
import unittest
import zipfile

from driving import Case, cairn

GOLDEN = pathlib.Path(sys.argv.pop(1))


def golden(name):
    return (GOLDEN / name).read_bytes()


def read_safetensors(data):
    """Header, metadata and the bytes of each tensor."""
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + length])
    metadata = header.pop("__metadata__", None)
    body = data[8 + length :]
    return header, metadata, {name: body[slice(*entry["data_offsets"])] for name, entry in header.items()}


def floats(*values):
    return struct.pack(f"<{len(values)}f", *values)


class Checkpoints(Case):
    def place(self, name, content=None):
        """A golden file, or what is given, at the root."""
        self.put(name, golden(name) if content is None else content)
        return f"{self.root}/{name}"

    def contents(self, name):
        return self.expect(0, "cat", f"{self.root}/{name}")

    def damaged(self, name, old, new):
        data = golden(name)
        self.assertEqual(data.count(old), 1)
        return self.place(name, data.replace(old, new))

    def differences(self, *arguments):
        done = cairn("ckpt", "diff", *arguments)
        self.assertEqual((done.returncode, done.stderr), (1, b""))
        return done.stdout.decode().splitlines()

    def test_show_prints_the_tree_with_shapes_and_sizes(self):
        lines = self.expect(0, "ckpt", "show", self.place("training.pt")).decode().splitlines()

        self.assertEqual(lines[0], "dict of 4")
        self.assertIn("  epoch: 3", lines)
        self.assertIn("  state_dict: OrderedDict of 9", lines)
        self.assertIn("    0.weight: float32 [4, 1, 3, 3], 144 bytes", lines)
        self.assertIn("    1.num_batches_tracked: int64 [], 8 bytes", lines)
        self.assertRegex(lines[-1], r"^torch, \d+ tensors, \d+ bytes$")

    def test_show_counts_shared_memory_once(self):
        lines = self.expect(0, "ckpt", "show", self.place("views.pt")).decode().splitlines()

        self.assertIn("  transposed: float32 [4, 3], 48 bytes", lines)
        self.assertEqual(lines[-1], "torch, 7 tensors, 56 bytes")  # 12 elements, and two storages of one

    def test_show_refers_to_a_list_that_comes_again(self):
        lines = self.expect(0, "ckpt", "show", self.place("shared.pt")).decode().splitlines()

        self.assertEqual(lines[1:4], ["  a: list of 1", "    0: 1", "  b: list of 1, the same as a"])

    def test_show_names_what_is_more_than_data(self):
        shown = self.expect(0, "ckpt", "show", self.place("opaque.pt")).decode()

        self.assertIn("  path: made by pathlib.PurePosixPath, not read\n", shown)
        self.assertIn("    0.weight: float32 [4, 1, 3, 3], 144 bytes\n", shown)

    def test_show_has_tensors_to_which_python_gave_attributes(self):
        url = self.place("attributes.pt")
        lines = self.expect(0, "ckpt", "show", url).decode().splitlines()
        shown = json.loads(self.expect(0, "ckpt", "show", "--json", url, "row"))["root"]

        self.assertIn("  row: float32 [4], 16 bytes, with attributes", lines)
        self.assertIn("  plain row: float32 [4], 16 bytes", lines)
        self.assertIn("    weight: float32 [3, 4], 48 bytes, with attributes", lines)
        self.assertIn("  coo: made by torch._tensor._rebuild_from_type_v2, not read", lines)
        self.assertEqual((shown["kind"], shown["shape"], shown["made_by"]), ("tensor", [4], "torch._tensor._rebuild_from_type_v2"))

    def test_show_of_a_part_prints_that(self):
        url = self.place("training.pt")

        self.assertEqual(
            self.expect(0, "ckpt", "show", url, "state_dict.0.bias").decode().splitlines()[0],
            "state_dict.0.bias: float32 [4], 16 bytes",
        )
        self.assertEqual(self.expect(0, "ckpt", "show", url, "optimizer_states.0.param_groups.0.lr").split()[1], b"0.001")

    def test_show_json_is_for_programs(self):
        shown = json.loads(self.expect(0, "ckpt", "show", "--json", self.place("views.pt")))

        self.assertEqual((shown["format"], shown["tensors"], shown["bytes"]), ("torch", 7, 56))
        self.assertEqual(shown["root"]["kind"], "dict")
        self.assertEqual(dict(shown["root"]["items"])["row"], {"kind": "tensor", "dtype": "float32", "shape": [4], "bytes": 16})

    def test_show_of_safetensors_has_the_metadata(self):
        lines = self.expect(0, "ckpt", "show", self.place("names.safetensors")).decode().splitlines()

        self.assertEqual(lines[0], "OrderedDict of 5")
        self.assertIn("  b: float32 [3, 4], 48 bytes", lines)
        self.assertEqual(lines[-2:], ["metadata format: pt", "safetensors, 5 tensors, 69 bytes"])

    def test_control_characters_of_a_file_do_not_reach_the_terminal(self):
        shown = self.expect(0, "ckpt", "show", self.place("names.safetensors"))

        self.assertIn("é\"\\\\x0a\\x01\\x7f: bool".encode(), shown)
        self.assertNotIn(b"\x01", shown)

    def test_verify_counts_what_is_right(self):
        with zipfile.ZipFile(GOLDEN / "tensor.pt") as archive:
            sizes = [record.file_size for record in archive.infolist()]

        self.assertEqual(
            self.expect(0, "ckpt", "verify", self.place("tensor.pt")).decode(),
            f"torch, {len(sizes)} records, {sum(sizes)} bytes: every checksum is right\n",
        )
        self.assertIn(b"9 tensors: header and sizes are right", self.expect(0, "ckpt", "verify", self.place("state_dict.safetensors")))

    def test_a_flipped_bit_is_7_and_names_the_record(self):
        self.expect(7, "ckpt", "verify", self.damaged("tensor.pt", floats(10.0), floats(-10.0)))

        self.assertIn("data/0", self.message)
        self.assertIn("tensor.pt", self.message)

    def test_a_damaged_record_that_nobody_reads_is_found(self):
        data = golden("tensor.pt")
        start = data.index(b"serialization_id")
        digit = data.index(b"Z" * 8, start) + 8
        while data[digit : digit + 1] == b"Z":
            digit += 1
        self.expect(7, "ckpt", "verify", self.place("tensor.pt", data[:digit] + b"x" + data[digit + 1 :]))

        self.assertIn("serialization_id", self.message)

    def test_a_truncated_file_is_7(self):
        self.expect(7, "ckpt", "verify", self.place("a.pt", golden("training.pt")[:-30]))
        self.expect(7, "ckpt", "show", self.place("a.safetensors", golden("names.safetensors")[:-1]))

    def test_what_is_no_checkpoint_is_1_and_said(self):
        self.expect(1, "ckpt", "show", self.place("a.html", b"<!DOCTYPE html><html></html>"))
        self.assertIn("an HTML page", self.message)

    def test_what_is_not_there_is_3(self):
        self.expect(3, "ckpt", "show", f"{self.root}/absent.ckpt")
        self.assertIn("absent.ckpt", self.message)

        url = self.place("training.pt")
        self.expect(3, "ckpt", "show", url, "state_dict.nothing")
        self.assertIn("'state_dict' has no key 'nothing'", self.message)
        self.expect(3, "ckpt", "show", url, "state_dict.0.wieght")
        self.assertIn("'state_dict' has no key '0.wieght'; did you mean '0.weight'?", self.message)
        self.expect(3, "ckpt", "extract", url, "optimizer_states.1", f"{self.root}/a.safetensors")
        self.assertIn("no '1' in 'optimizer_states', which is a list", self.message)
        self.expect(3, "ckpt", "show", self.place("names.safetensors"), "a.c")
        self.assertIn("no key 'a.c'; did you mean 'a.b'?", self.message)

    def test_an_error_shows_no_control_characters_of_the_file(self):
        self.expect(3, "ckpt", "show", self.place("names.safetensors"), "é\"\\\n\x01")

        self.assertIn("did you mean 'é", self.message)
        self.assertNotIn("\x01", self.message)
        self.assertNotIn("\x7f", self.message)

    def test_diff_of_equals_says_nothing(self):
        url = self.place("training.pt")
        self.assertEqual(self.expect(0, "ckpt", "diff", url, url), b"")
        other = self.place("other.pt", golden("training.pt"))
        self.assertEqual(self.expect(0, "ckpt", "diff", url, other), b"")

    def test_diff_names_places_and_how_far_they_are_apart(self):
        left = self.place("views.pt")
        self.expect(0, "ckpt", "extract", left, "row", f"{self.root}/row.safetensors")
        self.expect(0, "ckpt", "extract", left, "column", f"{self.root}/column.safetensors")
        row = self.contents("row.safetensors")
        moved = self.place("moved.safetensors", row.replace(floats(7.0), floats(7.5)))

        self.assertEqual(self.differences(f"{self.root}/row.safetensors", moved), ["! row: 1 of 4 elements, by up to 0.5"])
        self.assertEqual(self.differences(f"{self.root}/row.safetensors", f"{self.root}/column.safetensors"), ["- row", "+ column"])

    def test_diff_with_tolerances_is_that_of_allclose(self):
        self.expect(0, "ckpt", "extract", self.place("views.pt"), "row", f"{self.root}/row.safetensors")
        row = self.contents("row.safetensors")
        moved = self.place("moved.safetensors", row.replace(floats(7.0), floats(7.5)))
        one = f"{self.root}/row.safetensors"

        self.assertEqual(self.expect(0, "ckpt", "diff", "--atol", "0.5", one, moved), b"")
        self.assertEqual(self.expect(0, "ckpt", "diff", "--rtol", "0.07", one, moved), b"")
        self.assertEqual(self.differences("--atol", "0.4", one, moved), ["! row: 1 of 4 elements, by up to 0.5"])
        self.expect(2, "ckpt", "diff", "--atol", "-1", one, moved)

    def test_diff_knows_the_numbers_of_every_type(self):
        data = golden("dtypes.safetensors")
        header, _, tensors = read_safetensors(data)
        changed = bytearray(data)
        names = [name for name, entry in header.items() if entry["shape"] == [3] and name != "bool"]
        for name in names:  # 1, 0, 2 becomes 2, 0, 2
            item = len(tensors[name]) // 3
            place = len(data) - sum(map(len, tensors.values())) + header[name]["data_offsets"][0]
            changed[place : place + item] = tensors[name][2 * item :]
        left = self.place("left.safetensors", data)

        lines = self.differences(left, self.place("right.safetensors", bytes(changed)))

        self.assertEqual(len(names), 18)
        self.assertEqual(lines, [f"! {name}: 1 of 3 elements, by up to 1" for name in names])
        self.assertEqual(self.expect(0, "ckpt", "diff", "--atol", "1", left, f"{self.root}/right.safetensors"), b"")

    def test_diff_of_values_and_kinds(self):
        lines = self.differences(self.place("scalars.pt"), self.place("integers.pt"))

        self.assertIn("! 0: None against int", lines)
        self.assertIn("! 1: bool against int", lines)

    def test_diff_tells_attributes_of_tensors_apart(self):
        url = self.place("attributes.pt")
        part = ("ckpt", "convert", "--part", "state_dict", url)
        self.expect(0, *part, f"{self.root}/one.ckpt")
        self.expect(0, *part, f"{self.root}/two.ckpt")
        self.expect(0, *part, f"{self.root}/plain.safetensors")

        self.assertEqual(self.expect(0, "ckpt", "diff", f"{self.root}/one.ckpt", f"{self.root}/two.ckpt"), b"")
        self.assertEqual(
            self.differences(f"{self.root}/one.ckpt", f"{self.root}/plain.safetensors"), ["! weight: other attributes", "! bias: other attributes"]
        )

    def test_extract_of_a_tensor_with_attributes_is_the_tensor(self):
        url = self.place("attributes.pt")

        self.assertEqual(self.expect(0, "ckpt", "extract", "--raw", url, "row", "-"), floats(4, 5, 6, 7))
        self.expect(0, "ckpt", "extract", url, "state_dict", f"{self.root}/s.safetensors")

        _, _, tensors = read_safetensors(self.contents("s.safetensors"))
        self.assertEqual(tensors, {"weight": floats(*range(12)), "bias": floats(1, 1, 1)})

    def test_extract_takes_one_tensor_out(self):
        url = self.place("training.pt")

        self.expect(0, "ckpt", "extract", url, "state_dict.0.weight", f"{self.root}/w.safetensors")

        header, metadata, _ = read_safetensors(self.contents("w.safetensors"))
        self.assertEqual(metadata, {"format": "pt"})
        self.assertEqual(header, {"state_dict.0.weight": {"dtype": "F32", "shape": [4, 1, 3, 3], "data_offsets": [0, 144]}})

    def test_extract_of_a_state_dict_is_what_pythons_safetensors_writes(self):
        self.expect(0, "ckpt", "extract", self.place("training.pt"), "state_dict", f"{self.root}/s.safetensors")
        self.expect(0, "ckpt", "convert", self.place("state_dict.pt"), f"{self.root}/c.safetensors")

        self.assertEqual(read_safetensors(self.contents("s.safetensors"))[0], read_safetensors(golden("state_dict.safetensors"))[0])
        self.assertEqual(self.contents("c.safetensors"), golden("state_dict.safetensors"))

    def test_extract_raw_writes_the_elements_in_their_order(self):
        url = self.place("views.pt")

        self.assertEqual(self.expect(0, "ckpt", "extract", "--raw", url, "column", "-"), floats(1, 5, 9))
        self.expect(0, "ckpt", "extract", "--raw", url, "transposed", f"{self.root}/t.bin")
        self.assertEqual(self.contents("t.bin"), floats(0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11))
        self.expect(1, "ckpt", "extract", "--raw", self.place("training.pt"), "state_dict", "-")

    def test_what_safetensors_can_not_hold_is_named(self):
        self.expect(1, "ckpt", "convert", self.place("training.pt"), f"{self.root}/a.safetensors")
        self.assertIn("'epoch' is of type int", self.message)
        self.expect(3, "stat", f"{self.root}/a.safetensors")

    def test_shared_memory_is_refused_or_written_for_each_name(self):
        url = self.place("views.pt")

        self.expect(1, "ckpt", "convert", url, f"{self.root}/a.safetensors")
        self.assertIn("'again' and 'all' share memory", self.message)
        self.expect(0, "ckpt", "convert", "--repeat-shared", url, f"{self.root}/a.safetensors")

        _, _, tensors = read_safetensors(self.contents("a.safetensors"))
        self.assertEqual(tensors["row"], floats(4, 5, 6, 7))
        self.assertEqual(tensors["wide"], floats(*[1] * 15))

    def test_convert_there_and_back_is_the_same_file(self):
        url = self.place("names.safetensors")

        self.expect(0, "ckpt", "convert", url, f"{self.root}/a.ckpt")
        self.expect(0, "ckpt", "convert", f"{self.root}/a.ckpt", f"{self.root}/b.safetensors")

        self.assertEqual(self.expect(0, "ckpt", "diff", url, f"{self.root}/a.ckpt"), b"")
        self.assertEqual(self.contents("b.safetensors"), golden("names.safetensors"))

    def test_usage_errors_of_ckpt_are_2(self):
        for arguments in ([], ["show"], ["diff", "one"], ["frobnicate", "x"]):
            with self.subTest(arguments=arguments):
                self.expect(2, "ckpt", *arguments)


if __name__ == "__main__":
    unittest.main()
