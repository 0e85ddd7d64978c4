"""The claims of recipes/claims, short: each holds with its cure (second direction, gates, clipping) and fails without it.

    claims_test.py LOCKSTEP [--full]

--full trains as long as the recipe does, on the adding problem of 200 steps and on sentences of up to 200 words between
subject and verb.
"""

import json
import os
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from corpus_case import CorpusCase
from program import Program, raw_metrics_of

RECIPE = pathlib.Path(__file__).resolve().parents[2] / "recipes/claims"
FULL = False
CHANCE = 1 / 6  # the mean squared error of the best constant in the adding problem


class ClaimsTest(CorpusCase):
    def make(self, *words):
        kind, *more = map(str, words)
        subprocess.run([sys.executable, "-B", RECIPE / "make.py", kind, self.folder, *more], check=True)

    def run_recipe(self, config, run, *settings, code=0):
        """What training says; the figures of the run on the test split, unless it failed."""
        words = [word for setting in settings for word in ("--set", setting)]
        said = PROGRAM.run("train", "--config", RECIPE / f"{config}.toml", "--corpus", f"{self.folder}/corpus", "--run",
                           f"{self.folder}/{run}", *words, code=code)  # fmt: skip
        if code:
            return said, None
        report = PROGRAM.run("evaluate", "--run", f"{self.folder}/{run}", "--corpus", f"{self.folder}/corpus",
                             "--checkpoint", "newest", "--split", "test", "--json")  # fmt: skip
        return said, json.loads(next(line for line in report.splitlines() if line.startswith("{")))

    def prepare_adding(self, steps, sequences):
        self.make("adding", steps, sequences)
        folder = self.folder
        files = [word for split, name in (("", "train"), ("test-", "test"))
                 for word in (f"--{split}inputs", f"{folder}/x-{name}.npy", f"--{split}lengths",
                              f"{folder}/n-{name}.npy", f"--{split}targets", f"{folder}/y-{name}.npy")]  # fmt: skip
        PROGRAM.run("prepare", "arrays", *files, "--target", "real", "--target-per", "sequence", "--valid-fraction",
                    0.05, "--normalise", "none", "--normalise-targets", "none", "--out", f"{folder}/corpus")

    def test_a_word_that_later_words_explain_needs_the_second_direction(self):
        self.make("teddy", 800)
        PROGRAM.run("prepare", "arrays", "--train", f"{self.folder}/teddy-train.csv", "--test",
                    f"{self.folder}/teddy-test.csv", "--valid-fraction", 0.1, "--sequence-column", "sentence",
                    "--target-columns", "label", "--normalise", "none", "--out", f"{self.folder}/corpus")  # fmt: skip
        right = {}
        for both in ("true", "false"):
            _, report = self.run_recipe("teddy", both, f"model.bidirectional={both}", "train.steps=150")
            rows = {line["name"]: line["named_as"] for line in report["classes"]}
            self.assertEqual(rows["none"][1:], [0, 0], "which words are in question shows from the word itself")
            words = rows["person"] + rows["thing"]
            right[both] = (rows["person"][1] + rows["thing"][2]) / sum(words)
        self.assertEqual(right["true"], 1)
        self.assertLess(abs(right["false"] - 0.5), 0.1)

    def test_numbers_far_apart_are_added_by_gates_only(self):
        steps, updates, sequences = (200, 2500, 20000) if FULL else (40, 800, 8000)
        self.prepare_adding(steps, sequences)
        errors, shares = {}, {}
        for cell in ("rnn_tanh", "gru", *(["lstm"] if FULL else [])):
            _, report = self.run_recipe("adding", cell, f"model.cell={cell}", f"train.steps={updates}",
                                        f"schedule.decay_steps={updates}")  # fmt: skip
            errors[cell] = report["rmse"] ** 2
            line = next(x for x in raw_metrics_of(f"{self.folder}/{cell}") if x["kind"] == "gradient_by_time")
            hidden = line["layers"][0]["hidden"]
            shares[cell] = hidden[line["distance"].index(39 if steps == 40 else 192)] / hidden[0]
        self.assertGreater(errors["rnn_tanh"], 0.8 * CHANCE)
        for cell in errors.keys() - {"rnn_tanh"}:
            self.assertLess(errors[cell], 5e-3 if not FULL else 1e-3, errors)
        self.assertLess(shares["rnn_tanh"], 0.01 * shares["gru"], "the gradient vanishes without gates")

    def test_a_subject_far_from_its_verb_is_remembered_by_gates_only(self):
        most, tested, sentences, updates = (200, 200, 8000, 1500) if FULL else (60, 50, 3000, 500)
        self.make("agreement", most, sentences)
        PROGRAM.run("prepare", "text", "--task", "classify", "--train", f"{self.folder}/agreement-train.tsv", "--test",
                    f"{self.folder}/agreement-{tested}.tsv", "--valid-fraction", 0.05, "--out",
                    f"{self.folder}/corpus")  # fmt: skip
        for cell in ("rnn_tanh", "gru", *(["lstm"] if FULL else [])):
            _, report = self.run_recipe("agreement", cell, f"model.cell={cell}", f"train.steps={updates}")
            if cell == "rnn_tanh":
                self.assertLess(report["accuracy"], 0.6)
            else:
                self.assertGreater(report["accuracy"], 0.99, cell)

    def test_an_explosion_is_named_and_cured_by_clipping(self):
        self.prepare_adding(10, 4000)
        said, _ = self.run_recipe("exploding", "off", "clip.mode=off", code=80)
        self.assertRegex(said, r"warning: exploding gradient: loss .* -> .* at step \d+, gradient norm grew from .* to "
                               r'.*clip.mode is off.*: set clip.mode = "fixed" with clip.max_norm about \d+')  # fmt: skip
        said, report = self.run_recipe("exploding", "fixed")
        self.assertNotIn("explod", said)
        self.assertLess(report["rmse"] ** 2, 0.1 * CHANCE)


if __name__ == "__main__":
    FULL = "--full" in sys.argv
    sys.argv = [word for word in sys.argv if word != "--full"]
    CorpusCase.program = PROGRAM = Program(os.path.abspath(sys.argv.pop(1)))
    unittest.main(verbosity=2)
