#!/usr/bin/env python3
"""Plants names of tasks in a small tree and expects those in the core to be found, and no other."""

import pathlib
import tempfile
import unittest

import task_names


class TaskNamesTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)

    def plant(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text + "\n")

    def test_names_in_the_core_are_found_in_code_and_comments(self):
        self.plant("data/stream/x.h", "// as speech has them")
        self.plant("trainer/report/y.cc", 'if (kind == "dna") {')
        self.plant("worker/worker.cc", "bool is_ctc = ctc;")
        found = task_names.violations(self.root)
        self.assertEqual([line.split(": ")[0] for line in found],
                         ["data/stream/x.h:1", "trainer/report/y.cc:1", "worker/worker.cc:1", "worker/worker.cc:1"])

    def test_heads_importers_and_other_words_may_stand(self):
        self.plant("worker/heads/ctc_head.cc", "// CTC")
        self.plant("data/speech/x.cc", "// speech")
        self.plant("trainer/x.cc", "// general, generate, generation, dnax")
        self.assertEqual(task_names.violations(self.root), [])


if __name__ == "__main__":
    unittest.main()
