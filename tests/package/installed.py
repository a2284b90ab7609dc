"""An installed copy of the project, and programs built against it as a user would."""

import os
import pathlib
import shlex
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parent.parent.parent
HERE = pathlib.Path(__file__).resolve().parent
SKIPPED = 77


class Failure(Exception):
    """What is wrong, in words."""


def run(command, **options):
    """Runs a command and returns its output; shows it if it fails."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, **options)
    if done.returncode != 0:
        shown = shlex.join(str(part) for part in command)
        raise Failure(f"{shown}\nended with {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def skip(reason):
    """Ends the test: skipped, in CI failed."""
    print(reason)
    sys.exit(1 if os.environ.get("CI") == "true" else SKIPPED)


class Installed:
    """The build folder, installed below `folder`. The .pc files are moved there, as a packager's tools would."""

    def __init__(self, meson, build, compiler, folder):
        self.folder, self.compiler = folder, compiler
        run([meson, "install", "-C", build, "--no-rebuild", "--quiet", "--destdir", folder / "root"])
        found = list(folder.glob("root/**/pkgconfig/cairn-vfs.pc"))
        if len(found) != 1:
            raise Failure(f"installed {len(found)} files cairn-vfs.pc")
        self.packages = found[0].parent
        self.libraries = self.packages.parent
        for file in self.packages.glob("*.pc"):
            text = file.read_text()
            prefix = next(line for line in text.splitlines() if line.startswith("prefix="))[len("prefix=") :]
            self.prefix = pathlib.Path(f"{folder}/root{prefix}")
            file.write_text(text.replace(f"prefix={prefix}\n", f"prefix={self.prefix}\n", 1))

    def environment(self):
        paths = {"PKG_CONFIG_PATH": str(self.packages), "LD_LIBRARY_PATH": str(self.libraries)}
        return os.environ | {name: f"{path}:{os.environ.get(name, '')}".rstrip(":") for name, path in paths.items()}

    def has(self, package):
        return (self.packages / f"{package}.pc").exists()

    def flags(self, *arguments):
        return shlex.split(run(["pkg-config", *arguments], env=self.environment()))

    def build(self, source, output, flags):
        command = [*self.compiler, "-std=c++20", "-Wall", "-Wextra", "-Wpedantic", "-Werror", source, "-o", output]
        run([*command, *flags])
        return output

    def execute(self, program, *arguments, expect):
        output = run([program, *arguments], env=self.environment(), cwd=self.folder)
        if expect not in output:
            raise Failure(f"{program} printed {output!r}, not {expect!r}")
