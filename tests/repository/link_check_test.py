"""The check of links finds files and sections that are missing, and takes those that are there."""

import pathlib
import tempfile
import unittest

from link_check import violations


class LinkCheck(unittest.TestCase):
    def found(self, text):
        with tempfile.TemporaryDirectory(prefix="lockstep-test-") as name:
            folder = pathlib.Path(name).resolve()
            (folder / "other.md").write_text("# 1. Look on\n\n## The `check` verb\n")
            (folder / "page.md").write_text(text)
            return violations([folder / "page.md"], folder)

    def test_links_that_lead_somewhere(self):
        self.assertEqual(self.found("[a](other.md) [b](other.md#1-look-on) [c](other.md#the-check-verb)"), [])
        self.assertEqual(self.found("# Here\n[a](#here) [b](https://example.org/none#x) `[c](code)`"), [])

    def test_links_that_lead_nowhere(self):
        self.assertIn("page.md:1: links to none.md", self.found("[a](none.md)")[0])
        self.assertIn("the section 2-look-on of other.md", self.found("[a](other.md#2-look-on)")[0])
        self.assertIn("the section there of page.md", self.found("# Here\n[a](#there)")[0])


if __name__ == "__main__":
    unittest.main()
