#!/usr/bin/env python3
"""Links libraries with search paths that are wrong, and expects them to be found, and no right one."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import runpath_check


class RunpathCheckTest(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = pathlib.Path(holder.name)

    def link(self, *options):
        subprocess.run([COMPILER, "-shared", "-x", "c", os.devnull, "-o", self.folder / "x.so", *options], check=True)

    def found_in(self, runpath, tag):
        self.link(f"-Wl,{tag},-rpath,{runpath}")
        return runpath_check.violations(runpath_check.run("readelf", "-d", self.folder / "x.so"))

    def test_empty_and_relative_elements_are_found(self):
        for tag in ("--enable-new-dtags", "--disable-new-dtags"):
            for runpath, wrong in (("/a:/b:", [""]), (":/a", [""]), ("/a::/b", [""]), ("lib", ["lib"]),
                                   ("/a:.:../b", [".", "../b"]), ("$ORIGIN/../lib", ["$ORIGIN/../lib"])):
                with self.subTest(runpath=runpath, tag=tag):
                    self.assertEqual(self.found_in(runpath, tag), wrong)

    def test_absolute_elements_are_right(self):
        self.assertEqual(self.found_in("/a/lib:/b", "--enable-new-dtags"), [])
        self.link()
        self.assertEqual(runpath_check.violations(runpath_check.run("readelf", "-d", self.folder / "x.so")), [])

    def test_binaries_are_known_by_their_first_bytes(self):
        self.link()
        (self.folder / "text.so").write_text("no binary")
        os.mkfifo(self.folder / "pipe")
        self.assertEqual(runpath_check.binaries(self.folder), [self.folder / "x.so"])

    def test_a_folder_without_the_program_is_no_success(self):
        self.assertIn("is missing", runpath_check.problems_of(self.folder, "lockstep")[0])


if __name__ == "__main__":
    COMPILER = shutil.which("cc")
    if COMPILER is None:
        print("skipped: no compiler `cc`")
        sys.exit(77)
    unittest.main()
