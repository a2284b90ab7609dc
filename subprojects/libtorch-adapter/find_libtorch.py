"""Print the folder of LibTorch that holds include/ and lib/: the argument, else $LIBTORCH, else python3's torch.

The torch module is located, not imported: the headers and libraries are usable where `import torch` is not.
"""

import importlib.util
import os
import pathlib
import sys


def candidates(option):
    if option:
        yield pathlib.Path(option)
        return
    if os.environ.get("LIBTORCH"):
        yield pathlib.Path(os.environ["LIBTORCH"])
        return
    spec = importlib.util.find_spec("torch")
    for place in spec.submodule_search_locations if spec else []:
        yield pathlib.Path(place)


def main():
    for folder in candidates(sys.argv[1] if len(sys.argv) > 1 else ""):
        if (folder / "lib" / "libtorch_cpu.so").exists() and (folder / "include" / "ATen").is_dir():
            version = folder / "version.py"
            found = "unknown"
            if version.exists():
                for line in version.read_text().splitlines():
                    if line.startswith("__version__"):
                        found = line.split("=", 1)[1].strip().strip("'\"").split("+")[0]
            elif (folder / "build-version").exists():
                found = (folder / "build-version").read_text().strip().split("+")[0]
            print(folder.resolve())
            print(found)
            return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
