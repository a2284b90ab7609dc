"""The project as others get it: installed, as a subproject, in plugins. Called by Meson with the name of one check."""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import PurePosixPath

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lint"))
from installed import HERE, SOURCE, Failure, Installed, run, skip  # noqa: E402
from tree import public_headers  # noqa: E402

MAX_STRIPPED = 1_500_000  # bytes of libcairn-vfs.so
MAX_BUILD = 300  # seconds for a clean build without LibTorch on 2 cores
MAX_RATIO = 50  # on a slower machine: of that to REFERENCE compiled twice at once; 37 as measured
REFERENCE = """#include <iostream>
#include <map>
#include <regex>
int main(int n, char** a) {
  std::map<std::string, std::regex> m;
  m[a[0]] = std::regex(a[n - 1]);
  std::cout << std::regex_search(a[0], m.begin()->second);
}
"""


def check_files(installed):
    """The headers that the libraries list, all that these include, and no other; a library for each .pc file."""
    folder = installed.prefix / "include/cairn"
    headers = {PurePosixPath(path.relative_to(folder)) for path in folder.glob("**/*.hpp")}
    packages = {path.stem for path in installed.packages.glob("cairn-*.pc")}
    expected = {path for path in public_headers() if package_of(path) in packages}
    if headers != expected:
        raise Failure(f"missing: {names(expected - headers)}, too much: {names(headers - expected)}")
    included = {
        PurePosixPath(name) for path in headers for name in re.findall(r'^#include "(.+)"', (folder / path).read_text(), re.MULTILINE)
    }
    if included - headers:
        raise Failure(f"included by installed headers, but not installed: {names(included - headers)}")
    for package in packages:
        if not (installed.libraries / f"lib{package}.so").exists():
            raise Failure(f"lib{package}.so is not installed")
    print(f"{len(headers)} headers of {names(packages)}")


def package_of(header):
    return f"cairn-{header.parent.name}"


def names(items):
    return ", ".join(sorted(map(str, items))) or "none"


def check_symbols(installed):
    """Every symbol that a library exports is a name of ours: two copies in one process never meet."""
    ours = re.compile(r"((typeinfo|typeinfo name|vtable|VTT|(non-virtual|virtual) thunk|guard variable) (for|to) )?cairn::")
    for library in sorted(installed.libraries.glob("libcairn-*.so")):
        lines = run(["nm", "-DC", "--defined-only", library]).splitlines()
        symbols = [re.sub(r"@@.*$", "", line[19:]) for line in lines]
        foreign = [symbol for symbol in symbols if not ours.match(symbol)]
        if foreign or not symbols:
            raise Failure(f"{library.name} exports {len(symbols)} symbols, not ours: {foreign[:10]}")
        print(f"{library.name}: {len(symbols)} symbols")


def check_vfs(installed):
    """vfs alone, shared and static, through pkg-config."""
    source = HERE / "pkgconfig/files.cpp"
    flags = installed.flags("--cflags", "--libs", "cairn-vfs")
    program = installed.build(source, installed.folder / "shared", flags)
    installed.execute(program, expect="hello from file")
    if not (installed.libraries / "libcairn-vfs.a").exists():
        skip("no static library: configure with -Ddefault_library=both")
    flags = installed.flags("--static", "--cflags", "--libs", "cairn-vfs")
    flags = ["-l:libcairn-vfs.a" if flag == "-lcairn-vfs" else flag for flag in flags]
    program = installed.build(source, installed.folder / "static", flags)
    if "libcairn" in run(["ldd", program]):
        raise Failure("the static program needs the shared library")
    installed.execute(program, expect="hello from file")


def check_checkpoint(installed):
    """checkpoint, with the LibTorch that it was built with, through pkg-config."""
    if not installed.has("cairn-checkpoint"):
        skip("built without checkpoint")
    flags = installed.flags("--cflags", "--libs", "cairn-checkpoint")
    program = installed.build(HERE / "pkgconfig/tensors.cpp", installed.folder / "tensors", flags)
    installed.execute(program, expect="sum 10")


def check_cmake(installed):
    """A CMake project that finds vfs through pkg-config."""
    if not shutil.which("cmake"):
        skip("cmake is not installed")
    build = installed.folder / "cmake"
    run(["cmake", "-S", HERE / "cmake", "-B", build], env=installed.environment())
    run(["cmake", "--build", build], env=installed.environment())
    installed.execute(build / "files", expect="hello from file")


def check_plugins(installed):
    """Two plugins, each with vfs linked into it statically, in one process."""
    if not (installed.libraries / "libcairn-vfs.a").exists():
        skip("no static library: configure with -Ddefault_library=both")
    flags = installed.flags("--static", "--cflags", "--libs", "cairn-vfs")
    flags = ["-l:libcairn-vfs.a" if flag == "-lcairn-vfs" else flag for flag in flags]
    plugins = []
    for name in ("first", "second"):
        output = installed.folder / f"{name}.so"
        options = ["-shared", "-fPIC", "-fvisibility=hidden", f'-DNAME="{name}"', "-Wl,--exclude-libs,ALL"]
        plugins.append(installed.build(HERE / "plugins/plugin.cpp", output, [*options, *flags]))
    host = installed.build(HERE / "plugins/host.cpp", installed.folder / "host", ["-ldl"])
    installed.execute(host, *plugins, expect="first: memory of first\nsecond: memory of second\ngone")


CHECKS = {
    "files": check_files,
    "symbols": check_symbols,
    "vfs": check_vfs,
    "checkpoint": check_checkpoint,
    "cmake": check_cmake,
    "plugins": check_plugins,
}


def subproject(meson, folder, extra, environment):
    """A Meson project that uses ours as a subproject: its folder, configured."""
    shutil.copytree(HERE / "subproject", folder / "project")
    shutil.copy(HERE / "pkgconfig/files.cpp", folder / "project")
    (folder / "project/subprojects/cairn").symlink_to(SOURCE)
    build = folder / "project/build"
    options = ["--wrap-mode=nodownload", "-Dcairn:tests=disabled", *extra]
    run([meson, "setup", build, folder / "project", *options], env=environment)
    return build


def reference_seconds(compiler, folder, environment):
    """What a small program takes here and now: how fast a machine compiles differs by more than any limit in seconds bears."""
    source = folder / "reference.cpp"
    source.write_text(REFERENCE)
    began = time.monotonic()
    jobs = [
        subprocess.Popen([*compiler, "-std=c++20", "-O2", "-c", source, "-o", folder / f"reference-{job}.o"], env=environment) for job in range(2)
    ]
    if any([job.wait() for job in jobs]):
        raise Failure("the compiler does not compile a program of a few lines")
    return time.monotonic() - began


def check_subproject(meson, compiler, folder):
    """As a subproject without LibTorch, from nothing and without a compiler cache. How long that takes, and how large the
    library is, are figures of the README."""
    environment = os.environ | {"CCACHE_DISABLE": "1"}
    extra = ["-Dcairn:checkpoint=disabled", "-Dcairn:trainer=disabled", "-Dbuildtype=release"]
    before = reference_seconds(compiler, folder, environment)
    began = time.monotonic()
    build = subproject(meson, folder, extra, environment)
    run([meson, "compile", "-C", build, "-j", "2"], env=environment)
    seconds = time.monotonic() - began
    ratio = 2 * seconds / (before + reference_seconds(compiler, folder, environment))
    print(f"clean build without LibTorch, 2 jobs: {seconds:.0f} s, {ratio:.0f} times as long as a small program (at most {MAX_BUILD} s, or {MAX_RATIO} times)")
    if "hello from file" not in run([build / "files"], cwd=folder):
        raise Failure("the program of the subproject's user does not work")
    stripped = folder / "stripped.so"
    run(["strip", "--strip-unneeded", "-o", stripped, build / "subprojects/cairn/vfs/libcairn-vfs.so"])
    size = stripped.stat().st_size
    print(f"libcairn-vfs.so, release, stripped: {size:,} bytes (at most {MAX_STRIPPED:,})")
    if size > MAX_STRIPPED:
        raise Failure("too large")
    if seconds > MAX_BUILD and ratio > MAX_RATIO and os.environ.get("CI") == "true":
        raise Failure("too slow")


def check_nested(meson, folder):
    """As a subproject with LibTorch: the adapter, a subproject of the subproject, is found."""
    build = subproject(meson, folder, ["-Dcairn:checkpoint=enabled", "-Dcairn:trainer=disabled"], os.environ)
    targets = {target["name"] for target in json.loads(run([meson, "introspect", "--targets", build]))}
    if "cairn-checkpoint" not in targets:
        raise Failure(f"no target cairn-checkpoint in {names(targets)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("check", choices=[*CHECKS, "subproject", "nested"])
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--meson", required=True)
    parser.add_argument("--compiler", required=True, action="append")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cairn-package-") as name:
        folder = pathlib.Path(name)
        try:
            if arguments.check == "subproject":
                check_subproject(arguments.meson, arguments.compiler, folder)
            elif arguments.check == "nested":
                check_nested(arguments.meson, folder)
            else:
                CHECKS[arguments.check](Installed(arguments.meson, arguments.build, arguments.compiler, folder))
        except Failure as failure:
            print(failure)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
