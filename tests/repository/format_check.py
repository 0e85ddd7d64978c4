#!/usr/bin/env python3
"""Fails when clang-format would change a .h or .cc file, and prints the command that changes it; and for lines of
Markdown that are longer than 120 columns, but for rows of tables.

Other versions of clang-format lay out some lines differently, so the version is pinned to that of
Debian 12. Without it the check exits with 77, which ctest reports as skipped.
"""

import shutil
import subprocess
import sys
from multiprocessing.pool import ThreadPool

from repository_files import ROOT, repository_files

VERSION = "14"
MOST_COLUMNS = 120  # of Markdown
FILES_PER_PROCESS = 50
SKIPPED = 77


def find_formatter():
    for name in (f"clang-format-{VERSION}", "clang-format"):
        path = shutil.which(name)
        if path is None:
            continue
        text = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout
        if f"version {VERSION}." in text:
            return path
    return None


def are_formatted(formatter, files):
    command = [formatter, "--dry-run", "--Werror", *files]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def wrong_files(formatter, files):
    """Those of the files that are not in format. Many are looked at by one process: its start takes longer than a file."""
    if are_formatted(formatter, files):
        return []
    return [file for file in files if not are_formatted(formatter, [file])]


def long_lines():
    """FILE:LINE of each line of Markdown that is too long. A row of a table cannot be cut."""
    return [f"{file.relative_to(ROOT)}:{number}" for file in repository_files() if file.suffix == ".md"
            for number, line in enumerate(file.read_text().splitlines(), 1)
            if len(line) > MOST_COLUMNS and not line.startswith("|")]  # fmt: skip


def main():
    long = long_lines()
    if long:
        print(f"lines of Markdown with more than {MOST_COLUMNS} columns: {' '.join(long)}")
        return 1
    formatter = find_formatter()
    if formatter is None:
        print(f"clang-format {VERSION} is missing; install it with launch/setup --tests")
        return SKIPPED
    files = [file for file in repository_files() if file.suffix in (".h", ".cc")]
    parts = [files[first:first + FILES_PER_PROCESS] for first in range(0, len(files), FILES_PER_PROCESS)]
    with ThreadPool() as pool:
        found = pool.map(lambda part: wrong_files(formatter, part), parts)
    wrong = [str(file.relative_to(ROOT)) for part in found for file in part]
    if not wrong:
        print(f"format_check: {len(files)} files are in format")
        return 0
    print(f"{len(wrong)} of {len(files)} files are not in the format of .clang-format; run\n"
          f"  clang-format-{VERSION} -i {' '.join(wrong)}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
