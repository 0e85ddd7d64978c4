"""recipes/cross-validate, as it is installed: what it adds up, folds that were drawn otherwise, signals, exit codes.

    tests/program/cross_validate_test.py build/release/lockstep
"""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
LONGEST_SECONDS = 100
CONFIG = "[train]\nsteps = 3\n[model]\nhidden_size = 4\n[batch]\nsequences = 8\n"
TEXTS = ("text", "--task", "classify", "--train", "texts.tsv", "--header", "no", "--text-column", "2",
         "--label-column", "1")  # fmt: skip
NUMBERS = ("arrays", "--train", "numbers.csv", "--target-columns", "y", "--target", "real")


class CrossValidateTest(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        self.install()
        (self.folder / "small.toml").write_text(CONFIG)
        (self.folder / "texts.tsv").write_text("".join(f"{'ab'[n % 2]}\tw{n % 2} o{n}\n" for n in range(24)))
        (self.folder / "numbers.csv").write_text("x,y\n" + "".join(f"{n / 7:.3f},{n / 5:.3f}\n" for n in range(24)))

    def install(self):
        for name in ("recipes", "bin"):
            (self.folder / name).mkdir()
        shutil.copy(ROOT / "recipes/cross-validate", self.folder / "recipes")
        for name in ("local", "shown", "stoppable_mpirun"):
            shutil.copy(ROOT / "launch" / name, self.folder)
        (self.folder / "bin/lockstep").symlink_to(PROGRAM)

    def popen(self, *words, prepare=TEXTS):
        command = [self.folder / "recipes/cross-validate", "--config", "small.toml", "--folder", "folds",
                   "--checkpoint", "newest", *map(str, words), "--", *prepare]  # fmt: skip
        path = f"{self.folder}/bin:{os.environ['PATH']}"
        process = subprocess.Popen(command, env={**os.environ, "PATH": path}, cwd=self.folder, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)  # fmt: skip
        self.addCleanup(process.kill)
        return process

    def end(self, process, code):
        text, _ = process.communicate(timeout=LONGEST_SECONDS)
        self.assertEqual(process.returncode, code, text)
        self.assertNotIn("Traceback", text)
        return text

    def start(self, *words, code=0, prepare=TEXTS):
        return self.end(self.popen("--ranks", 1, *words, prepare=prepare), code)

    def runs(self):
        return sorted(path.name for path in (self.folder / "folds").glob("run-*"))

    def wait_for_lines(self, metrics, process):
        def lines():
            return metrics.read_text().count("\n") if metrics.exists() else 0

        deadline, before = time.monotonic() + LONGEST_SECONDS, lines()
        while lines() < before + 3:  # the first says what the run was begun with
            self.assertIsNone(process.poll())
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)

    def test_each_sample_is_tested_once_and_a_second_start_says_the_same(self):
        text = self.start("--folds", 2)
        self.assertIn(" of 24 wrong", text)
        self.assertEqual(self.start("--folds", 2), text)

    def test_folds_that_were_drawn_otherwise_are_refused(self):
        self.start("--folds", 2)
        self.assertIn("were drawn with --folds 2", self.start("--folds", 3, code=64))
        text = self.start("--folds", 2, code=64, prepare=(*TEXTS, "--tokens", "characters"))
        self.assertIn(f"were drawn with `-- {' '.join(TEXTS)}`", text)
        with open(self.folder / "texts.tsv", "a") as file:
            file.write("a\tone more\n")
        self.assertIn("another content of texts.tsv", self.start("--folds", 2, code=64))
        (self.folder / "folds/cross-validate.json").unlink()
        self.assertIn("no cross-validate.json that says", self.start("--folds", 2, code=64))

    def test_a_start_with_a_mistake_claims_no_folder(self):
        self.start("--folds", 2, code=66, prepare=("text", "--task", "classify", "--train", "missing.tsv"))
        self.start("--folds", 2, "--last", 1)

    def test_numbers_of_folds_are_checked_before_anything_is_trained(self):
        for words in (("--folds", 0), ("--folds", 1), ("--first", 3, "--folds", 2), ("--last", 5, "--folds", 2),
                      ("--first", 0), ("--last", 0), ("--ranks", 0), ("--folds", "x")):  # fmt: skip
            with self.subTest(words=words):
                self.assertIn(words[0], self.start(*words, code=64))
        self.assertEqual(self.runs(), [])

    def test_real_valued_targets_have_their_rmse(self):
        text = self.start("--folds", 2, prepare=NUMBERS)
        squares = 0
        for fold in (1, 2):
            words = ("evaluate", "--run", f"folds/run-{fold}", "--corpus", f"folds/corpus-{fold}", "--checkpoint",
                     "newest", "--json")  # fmt: skip
            done = subprocess.run([PROGRAM, *words], cwd=self.folder, capture_output=True, check=True)
            test = json.loads(done.stdout)
            squares += test["labels"] * test["rmse"] ** 2
        self.assertIn(f"all: RMSE {(squares / 24) ** 0.5:.5g} over 24 values", text)

    def test_the_exit_code_of_a_step_is_passed_on(self):
        self.start("--folds", 2, "--set", "model.layers=x", code=64)
        (self.folder / "bad.tsv").write_text("a\t\xff\n", encoding="latin-1")
        (self.folder / "folds2").mkdir()
        words = tuple("bad.tsv" if word == "texts.tsv" else word for word in TEXTS)
        self.start("--folder", "folds2", code=65, prepare=words)

    def test_signals_end_the_ranks_in_good_order(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            with self.subTest(number=number):
                process = self.popen("--folds", 2, "--ranks", 2, "--set", "train.steps=10000000", "--set",
                                     "checkpoint.every=10000000", "--set", "log.every=1")  # fmt: skip
                self.wait_for_lines(self.folder / "folds/run-1/metrics.jsonl", process)
                process.send_signal(number)
                self.assertIn("stopped; the same command goes on", self.end(process, 75))
                self.assertIn("stopped at step", (self.folder / "folds/run-1/log.txt").read_text())
                self.assertTrue(list((self.folder / "folds/run-1/checkpoints").glob("step-*.h5")))


if __name__ == "__main__":
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main()
