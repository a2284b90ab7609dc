"""Files that outgrew their idea: public headers over 200 lines, tests over 500, other sources over 400."""

from tree import files, public_headers, read, report

PUBLIC = public_headers()


def limit(path):
    if path.parts[0] == "tests":
        return 500
    return 200 if path in PUBLIC else 400


def is_source(path):
    return path.suffix in (".cpp", ".hpp", ".py", ".build") or path.parts[0] == "tools" and not path.suffix


report(
    [
        f"{path}: {lines} lines, at most {limit(path)}: split it by idea"
        for path in files()
        if is_source(path)
        for lines in [len(read(path).splitlines())]
        if lines > limit(path)
    ]
)
