"""A test case that prepares a corpus of its own in a folder of its own, trains on it and evaluates."""

import json
import tempfile
import unittest

from program import metrics_of, state_of


class CorpusCase(unittest.TestCase):
    program = None  # the Program; to be set before the tests run
    settings = ()  # words of the command line that each training gets
    left_out = {"checkpoint", "seconds"}  # of a report: what may differ between equal models

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def write(self, name, lines):
        with open(f"{self.folder}/{name}", "w") as file:
            file.writelines(lines)
        return f"{self.folder}/{name}"

    def train(self, run, ranks, steps, *more):
        """The hash of the parameters and all metrics of the run, which goes on if it is there."""
        self.program.run("train", "--corpus", f"{self.folder}/corpus", "--run", f"{self.folder}/{run}", "--steps",
                         steps, *self.settings, *more, ranks=ranks)  # fmt: skip
        return state_of(f"{self.folder}/{run}")["parameters_hash"], metrics_of(f"{self.folder}/{run}")

    def report(self, name, *words):
        """The page of lockstep report of a run."""
        path = self.program.run("report", "--run", f"{self.folder}/{name}", *words).split()[-1]
        with open(path, encoding="utf-8") as file:
            page = file.read()
        self.assertNotIn("could not be shown", page)
        return page

    def evaluate(self, run, ranks, *more):
        text = self.program.run("evaluate", "--run", f"{self.folder}/{run}", "--corpus", f"{self.folder}/corpus",
                                "--json", "--checkpoint", "newest", *more, ranks=ranks)  # fmt: skip
        # Warnings of a machine with few cores stand behind it.
        found = json.loads(next(line for line in text.splitlines() if line.startswith("{")))
        return {key: value for key, value in found.items() if key not in self.left_out}

    def check_same_bits(self, steps, *more):
        """One run as a whole, one stopped on 3 ranks and resumed on 2: the same model and the same report."""
        whole = self.train("whole", 1, steps, *more)
        self.train("stopped", 3, steps // 2 + 1, *more)
        self.assertEqual(self.train("stopped", 2, steps, *more), whole)
        found = self.evaluate("whole", 1)
        self.assertEqual(self.evaluate("stopped", 3), found)
        self.assertIn("ok", self.program.run("verify", f"{self.folder}/whole"))
        return found
