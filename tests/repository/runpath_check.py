#!/usr/bin/env python3
"""Fails when a program of the build tree, or what `cmake --install` makes of it, looks for libraries in the folder
that its user happens to be in: an element of its RUNPATH or RPATH that is empty, or not an absolute path.

    tests/repository/runpath_check.py BUILD

Whoever can put a file into that folder could else run code as that user.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

ENTRY = re.compile(r"\((?:RUNPATH|RPATH)\)\s+Library (?:runpath|rpath): \[(.*)\]$", re.MULTILINE)


def is_elf(path):
    if path.is_symlink() or not path.is_file() or path.suffix in (".o", ".gch"):
        return False
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def binaries(folder):
    """Programs and shared libraries under the folder; not those with which CMake tries the compiler."""
    return sorted(path for path in folder.rglob("*") if "CMakeFiles" not in path.parts and is_elf(path))


def violations(dynamic_section):
    """The elements that are wrong in what `readelf -d` prints."""
    return [element for entry in ENTRY.findall(dynamic_section) for element in entry.split(":")
            if not element.startswith("/")]  # fmt: skip


def run(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True, timeout=100).stdout


def problems_of(folder, program):
    """A line for each binary that looks in a wrong place. `program` must be among those that were looked at."""
    found = binaries(folder)
    if folder / program not in found:
        return [f"{folder / program} is missing: build it first, there is nothing to check"]
    return [f"{path}: its RUNPATH has the element {element!r}, allowed are absolute paths; see CMAKE_INSTALL_RPATH in "
            "CMakeLists.txt" for path in found for element in violations(run("readelf", "-d", path))]  # fmt: skip


def main():
    build = pathlib.Path(sys.argv[1]).absolute()
    found = problems_of(build, "lockstep")
    with tempfile.TemporaryDirectory() as folder:
        run("cmake", "--install", build, "--prefix", folder)
        found += problems_of(pathlib.Path(folder), "bin/lockstep")
    print("\n".join(found) or "runpath_check: libraries are looked for under absolute paths only")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
