#!/usr/bin/env python3
"""Plants paths of a machine and expects them to be found, and nothing that only looks like one."""

import pathlib
import tempfile
import unittest

import path_check


class PathCheckTest(unittest.TestCase):
    def found_in(self, text):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "file.md"
            file.write_text(text)
            return path_check.violations([file], pathlib.Path(folder))

    def test_machine_paths_are_found_with_their_line(self):
        for top in ("work", "home", "root", "Users"):
            with self.subTest(top=top):
                found = self.found_in(f"fine\ncd '/{top}/somebody/x'\n")
                self.assertEqual(len(found), 1)
                self.assertTrue(found[0].startswith(f"file.md:2: holds the machine's own path /{top}/"))

    def test_other_paths_are_not(self):
        for text in ("worker/comm/x.h", "/worker/", "$HOME/work/x", "~/work/x", "a/work/b",
                     "https://example.org/home/x", "${ROOT}/work/x", "/usr/bin/env", "/tmp/x"):
            with self.subTest(text=text):
                self.assertEqual(self.found_in(text), [])

    def test_binary_files_are_read_too(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "x.bin"
            file.write_bytes(b"\xff\x00" + b"/" + b"home/me")
            self.assertEqual(len(path_check.violations([file], pathlib.Path(folder))), 1)


if __name__ == "__main__":
    unittest.main()
