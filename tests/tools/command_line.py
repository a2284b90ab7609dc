"""The commands of `cairn` for files: output, messages, exit codes."""

import json
import os
import re
import signal
import subprocess
import unittest
import urllib.request

from driving import PROGRAM, SERVER, Case, cairn


class CommandLine(Case):
    def test_cat_prints_what_cp_wrote_from_the_standard_input(self):
        self.put("a.txt", b"\x00\xffbytes")

        self.assertEqual(self.expect(0, "cat", f"{self.root}/a.txt"), b"\x00\xffbytes")
        self.assertEqual(self.expect(0, "cp", f"{self.root}/a.txt", "-"), b"\x00\xffbytes")

    def test_cat_joins_files(self):
        self.put("a.txt", b"one ")
        self.put("b.txt", b"two")

        self.assertEqual(self.expect(0, "cat", f"{self.root}/a.txt", f"{self.root}/b.txt"), b"one two")

    def test_ls_prints_size_time_and_name_sorted(self):
        self.put("b.txt", b"12345")
        self.put("a.txt", b"")
        self.put("sub/c.txt")

        lines = self.expect(0, "ls", self.root).decode().splitlines()

        self.assertEqual([line.split()[-1] for line in lines], ["a.txt", "b.txt", "sub/"])
        self.assertRegex(lines[1], r"^ +5  \d{4}-\d\d-\d\d \d\d:\d\d:\d\d  b\.txt$")

    def test_ls_r_prints_files_below_the_directory(self):
        self.put("sub/deep/c.txt")

        self.assertRegex(self.expect(0, "ls", "-r", self.root).decode(), r"^ +10 .*  sub/deep/c\.txt\n$")

    def test_ls_of_a_file_prints_it(self):
        self.put("a.txt")

        self.assertRegex(self.expect(0, "ls", f"{self.root}/a.txt").decode(), r"^ +10 .*  a\.txt\n$")

    def test_cp_into_a_directory_keeps_the_name(self):
        self.put("a.txt")

        self.expect(0, "cp", f"{self.root}/a.txt", f"{self.root}/other/")
        self.expect(0, "cp", f"{self.root}/a.txt", f"{self.folder.name}/local/")

        self.assertEqual(self.expect(0, "cat", f"{self.root}/other/a.txt"), b"some text\n")
        with open(f"{self.folder.name}/local/a.txt", "rb") as copied:
            self.assertEqual(copied.read(), b"some text\n")

    def test_cp_carries_a_file_of_many_parts(self):
        content = os.urandom(1 << 20) * 20
        with open(f"{self.folder.name}/large", "wb") as file:
            file.write(content)

        self.expect(0, "cp", f"{self.folder.name}/large", f"{self.root}/large")

        self.assertTrue(self.expect(0, "cat", f"{self.root}/large") == content)

    def test_mv_removes_the_source(self):
        self.put("a.txt")

        self.expect(0, "mv", f"{self.root}/a.txt", f"{self.root}/b.txt")
        self.expect(0, "mv", f"{self.root}/b.txt", f"{self.folder.name}/c.txt")

        self.expect(3, "stat", f"{self.root}/a.txt")
        self.expect(3, "stat", f"{self.root}/b.txt")
        self.assertEqual(self.expect(0, "cat", f"{self.folder.name}/c.txt"), b"some text\n")

    def test_stat_shows_what_is_known(self):
        self.put("a.txt")

        shown = dict(line.split(": ", 1) for line in self.expect(0, "stat", f"{self.root}/a.txt").decode().splitlines())

        self.assertEqual((shown["type"], shown["size"]), ("file", "10"))
        self.assertTrue(shown["url"].endswith("/a.txt"))
        self.assertTrue(shown["etag"])

    def test_rm_needs_r_for_a_directory(self):
        self.put("sub/a.txt")
        self.put("sub/b.txt")

        self.expect(1, "rm", f"{self.root}/sub")
        self.assertIn("-r", self.message)
        self.expect(0, "rm", "-r", f"{self.root}/sub")

        self.expect(3, "stat", f"{self.root}/sub/a.txt")

    def test_what_is_not_there_is_3_for_every_command(self):
        absent = f"{self.root}/absent.txt"
        for command in (["cat", absent], ["stat", absent], ["rm", absent], ["ls", absent], ["cp", absent, "-"], ["mv", absent, "x"]):
            with self.subTest(command=command[0]):
                self.expect(3, *command)
                self.assertIn("absent.txt", self.message)

    def test_an_existing_destination_is_6_with_if_absent(self):
        self.put("a.txt")

        self.expect(6, "cp", "--if-absent", "-", f"{self.root}/a.txt", stdin=b"other")

        self.assertEqual(self.expect(0, "cat", f"{self.root}/a.txt"), b"some text\n")

    def test_usage_errors_are_2(self):
        for arguments in ([], ["frobnicate"], ["cp", "one"], ["ls", "--no-such-option", "x"]):
            with self.subTest(arguments=arguments):
                self.expect(2, *arguments)

    def test_an_unknown_scheme_is_2_and_the_message_names_those_that_are_known(self):
        self.expect(2, "ls", "s4://bucket/key")
        self.assertIn("s4", self.message)
        self.assertIn("s3", self.message)

    def test_a_url_with_one_slash_is_2(self):
        self.expect(2, "ls", "s3:/bucket/key")
        self.assertIn("s3://bucket/key", self.message)

    def test_help_is_0(self):
        self.assertIn(b"Exit status", self.expect(0, "--help"))

    def test_a_closed_pipe_is_quiet(self):
        self.put("large", b"x" * (4 << 20))
        with subprocess.Popen([PROGRAM, "cat", f"{self.root}/large"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            process.stdout.read(1)
            process.stdout.close()
            message = process.stderr.read()

        self.assertEqual(message, b"")
        self.assertEqual(process.returncode, 141)

    def test_an_interrupted_upload_leaves_nothing(self):
        process = subprocess.Popen(
            [PROGRAM, "cp", "-", f"{self.root}/cut.bin"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        process.stdin.write(b"x" * (9 << 20))  # more than one part: read, and on its way
        process.send_signal(signal.SIGINT)
        _, message = process.communicate(timeout=60)

        self.assertEqual(process.returncode, 130, message)
        self.expect(3, "stat", f"{self.root}/cut.bin")


def read(url):
    """What anybody gets who knows the URL."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=30) as answer:
        return answer.read()


@unittest.skipUnless(SERVER, "needs a server: run under tools/servers")
class OnS3(CommandLine):
    def test_a_missing_bucket_is_3(self):
        self.expect(3, "ls", "s3://no-such-bucket-of-ours/")
        self.assertIn("no-such-bucket-of-ours", self.message)
        self.expect(3, "cp", "-", "s3://no-such-bucket-of-ours/key", stdin=b"x")
        self.assertIn("no-such-bucket-of-ours", self.message)

    def test_a_wrong_secret_is_4_and_does_not_show(self):
        self.expect(4, "ls", self.root, AWS_SECRET_ACCESS_KEY="wrong-and-to-be-kept-secret")
        self.assertNotIn("wrong-and", self.message)

    def test_an_unknown_key_is_4(self):
        self.expect(4, "ls", self.root, AWS_ACCESS_KEY_ID="nobody")

    def test_no_credentials_are_4_with_a_hint(self):
        self.expect(4, "ls", self.root, AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="")
        self.assertTrue(re.search("credentials", self.message))

    def test_a_signed_url_reads_the_file_without_credentials(self):
        self.put("a.txt")

        url = self.expect(0, "sign", "--expires", "60", f"{self.root}/a.txt").decode().strip()

        self.assertNotIn(os.environ["AWS_SECRET_ACCESS_KEY"], url)
        self.assertEqual(read(url), b"some text\n")

    def test_uploads_lists_none_where_all_have_ended(self):
        self.put("a.txt")
        self.assertEqual(self.expect(0, "uploads", self.root), b"")
        self.assertEqual(self.expect(0, "uploads", "--remove", "--older-than", "1", self.root), b"")

    def test_verbose_tells_each_request_on_the_standard_error(self):
        self.put("a.txt")

        done = cairn("-v", "cat", f"{self.root}/a.txt")

        self.assertEqual(done.stdout, b"some text\n")
        self.assertRegex(done.stderr.decode(), r"cairn: GET .*a\.txt.* 20[06], ")
        self.assertNotIn(os.environ["AWS_SECRET_ACCESS_KEY"], done.stderr.decode())


@unittest.skipUnless(SERVER, "needs a server: run under tools/servers")
class OnAzure(CommandLine):
    def settings(self, **changed):
        """The connection string, with other values."""
        pairs = dict(part.split("=", 1) for part in os.environ["AZURE_STORAGE_CONNECTION_STRING"].split(";") if part)
        return "".join(f"{name}={value};" for name, value in (pairs | changed).items())

    def test_a_signed_url_reads_the_file_without_credentials(self):
        self.put("a.txt")

        url = self.expect(0, "sign", "--expires", "60", f"{self.root}/a.txt").decode().strip()

        self.assertEqual(read(url), b"some text\n")
        self.assertEqual(self.expect(0, "cat", url, AZURE_STORAGE_CONNECTION_STRING=""), b"some text\n")

    def test_a_signed_url_writes_the_file_without_credentials(self):
        url = self.expect(0, "sign", "--put", f"{self.root}/a.txt").decode().strip()

        request = urllib.request.Request(url, b"sent", {"x-ms-blob-type": "BlockBlob"}, method="PUT")
        self.assertEqual(read(request), b"")

        self.assertEqual(self.expect(0, "cat", f"{self.root}/a.txt"), b"sent")

    def test_all_schemes_name_the_same_file(self):
        self.put("a.txt")
        container = self.root.split("://", 1)[1]

        for scheme in ("az", "azure", "abfs", "abfss", "wasb", "wasbs"):
            with self.subTest(scheme=scheme):
                self.assertEqual(self.expect(0, "cat", f"{scheme}://{container}/a.txt"), b"some text\n")

    def test_a_missing_container_is_3(self):
        self.expect(3, "ls", "az://no-such-container-of-ours/")
        self.assertIn("no-such-container-of-ours", self.message)

    def test_a_wrong_key_is_4_and_does_not_show(self):
        key = "d3JvbmctYW5kLXRvLWJlLWtlcHQtc2VjcmV0"
        self.expect(4, "ls", self.root, AZURE_STORAGE_CONNECTION_STRING=self.settings(AccountKey=key))
        self.assertNotIn(key, self.message)

    def test_no_account_is_2_with_a_hint_of_what_to_set(self):
        self.expect(2, "ls", self.root, AZURE_STORAGE_CONNECTION_STRING="")
        self.assertIn("AZURE_STORAGE_ACCOUNT", self.message)


@unittest.skipUnless(SERVER, "needs a server: run under tools/servers")
class OnGoogle(CommandLine):
    def key_file(self):
        """A service account's key, with an RSA key made for the occasion."""
        made = subprocess.run(["openssl", "genrsa", "2048"], capture_output=True, text=True, check=True)
        path = f"{self.folder.name}/key.json"
        account = "signer@project.iam.gserviceaccount.com"
        with open(path, "w") as file:
            json.dump({"type": "service_account", "client_email": account, "private_key": made.stdout}, file)
        return path

    def test_a_service_account_signs_urls_without_a_request(self):
        google = {"STORAGE_EMULATOR_HOST": "", "GOOGLE_APPLICATION_CREDENTIALS": self.key_file()}

        url = self.expect(0, "sign", "--expires", "60", "gs://bucket-of-ours/a.txt", **google).decode().strip()

        self.assertRegex(url, r"\Ahttps://storage\.googleapis\.com/bucket-of-ours/a\.txt\?")
        self.assertIn("X-Goog-Credential=signer%40project.iam.gserviceaccount.com", url)
        self.assertIn("X-Goog-Expires=60", url)

    def test_an_emulator_gets_no_signed_urls_and_the_message_says_what_does(self):
        self.put("a.txt")
        self.expect(4, "sign", f"{self.root}/a.txt")
        self.assertIn("GOOGLE_APPLICATION_CREDENTIALS", self.message)

    def test_both_schemes_name_the_same_file(self):
        self.put("a.txt")
        self.assertEqual(self.expect(0, "cat", "gcs" + self.root.removeprefix("gs") + "/a.txt"), b"some text\n")

    def test_a_missing_bucket_is_3(self):
        self.expect(3, "ls", "gs://no-such-bucket-of-ours/")
        self.assertIn("no-such-bucket-of-ours", self.message)


@unittest.skipUnless(SERVER, "needs a server: run under tools/servers")
class OnTheWeb(CommandLine):
    def test_urls_are_not_signed_and_the_message_says_so(self):
        self.put("a.txt")
        self.expect(1, "sign", f"{self.root}/a.txt")
        self.assertIn("not supported", self.message)

    def test_what_is_written_is_on_the_web(self):
        self.put("a.txt")
        self.assertEqual(read(f"{self.root}/a.txt"), b"some text\n")


if __name__ == "__main__":
    unittest.main()
