"""How a run ends and goes on: epochs, early stopping, the best checkpoint, a stop file, a signal, divergence."""

import fcntl
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import program
from program import Program, h5py, metrics_of, state_of

PROGRAM = None
CONFIG = """
[model]
hidden_size = 8
embedding_size = 4
[batch]
sequences = 8
[schedule]
learning_rate = 0.01
[log]
every = 1
[checkpoint]
keep = 0
"""


class TrainingLoopTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.shared = tempfile.TemporaryDirectory()
        cls.corpus = f"{cls.shared.name}/corpus"
        cls.config = f"{cls.shared.name}/config.toml"
        with open(cls.config, "w") as file:
            file.write(CONFIG)
        PROGRAM.run("prepare", "dna", "--synthetic", 2000, "--window", 50, "--out", cls.corpus)

    @classmethod
    def tearDownClass(cls):
        cls.shared.cleanup()

    def setUp(self):
        self.run_folder = tempfile.mkdtemp(dir=self.shared.name)

    def words(self, *settings, run=None):
        words = ["train", "--config", self.config, "--corpus", self.corpus]
        words += ["--run", run or self.run_folder]
        return words + [word for setting in settings for word in ("--set", setting)]

    def train(self, *settings, ranks=0, code=0, run=None):
        return PROGRAM.run(*self.words(*settings, run=run), ranks=ranks, code=code)

    def steps_saved(self):
        names = os.listdir(f"{self.run_folder}/checkpoints")
        return sorted(int(name[5:17]) for name in names if name.endswith(".h5"))

    def test_two_epochs_use_every_sequence_twice(self):
        self.train("train.epochs=2")
        state = state_of(self.run_folder)
        self.assertEqual((state["epoch"], state["epoch_step"]), (2, 0))
        self.assertEqual(state["step"], 8)  # 32 windows, 8 a batch
        self.assertEqual(state["sequences"], 64)
        steps = [line for line in metrics_of(self.run_folder) if line["kind"] == "step"]
        self.assertEqual([line["labels"] for line in steps], [400] * 8)

    def test_a_finished_run_leaves_a_mark_that_says_so(self):
        self.train("train.steps=3")
        with open(f"{self.run_folder}/done.json") as file:
            self.assertEqual(json.load(file)["step"], 3)

    def test_early_stopping_ends_the_run_and_keeps_it_ended(self):
        # Without learning no validation is better than the first.
        settings = ["schedule.learning_rate=0", "validation.every=2", "validation.patience=3"]
        self.train(*settings, ranks=2)
        self.assertEqual(state_of(self.run_folder)["step"], 8)
        self.train(*settings)
        self.assertEqual(state_of(self.run_folder)["step"], 8)

    def test_the_best_checkpoint_outlives_newer_ones(self):
        # A rate that ruins what was learnt: the first validation stays the best.
        self.train("train.steps=12", "validation.every=2", "checkpoint.every=1", "checkpoint.keep=2",
                   "optimizer.name=sgd", "schedule.learning_rate=50", "clip.mode=off")  # fmt: skip
        best = state_of(self.run_folder)["best_step"]
        self.assertLess(best, 11)
        self.assertEqual(self.steps_saved(), [best, 11, 12])

    def test_a_stop_file_ends_the_run_resumable_with_the_same_bits(self):
        self.train("train.steps=2")
        open(f"{self.run_folder}/stop", "w").close()
        text = self.train("train.steps=6", ranks=2, code=75)
        self.assertIn("stopped at step 2 (stop file), state saved", text)
        self.assertFalse(os.path.exists(f"{self.run_folder}/done.json"))
        self.assertFalse(os.path.exists(f"{self.run_folder}/stop"))
        self.train("train.steps=6")
        whole = tempfile.mkdtemp(dir=self.shared.name)
        self.train("train.steps=6", run=whole)
        for field in ("parameters_hash", "step", "sequences"):
            self.assertEqual(state_of(self.run_folder)[field], state_of(whole)[field])
        self.assertEqual(metrics_of(self.run_folder), metrics_of(whole))

    def test_sigterm_ends_the_run_resumable(self):
        command = [PROGRAM.path, *self.words("train.steps=100000000", "checkpoint.every=1000000")]
        process = subprocess.Popen(command, stderr=subprocess.PIPE, env=program.ENVIRONMENT)
        metrics = f"{self.run_folder}/metrics.jsonl"
        deadline = time.monotonic() + 60
        while not (os.path.exists(metrics) and '"kind":"step"' in pathlib.Path(metrics).read_text()):
            self.assertIsNone(process.poll())
            self.assertLess(time.monotonic(), deadline, "no step within 60 s")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=60), 75)
        process.stderr.close()
        self.assertGreater(state_of(self.run_folder)["step"], 0)

    def test_ranks_that_differ_are_refused_with_the_key_named(self):
        one = [PROGRAM.path, *self.words("train.steps=3")]
        command = ["mpirun", "-n", "1", *one, ":", "-n", "1", "-x", "LOCKSTEP_TRAIN_SEED=7", *one]
        done = subprocess.run(
            command, env=program.ENVIRONMENT, capture_output=True, text=True, timeout=60, check=False
        )
        self.assertEqual(done.returncode, 64, done.stderr)
        self.assertRegex(done.stderr, r'rank 1 on \S+ has train.seed = "7", rank 0 on \S+ has "1"; start all ranks alike')
        self.assertEqual(os.listdir(self.run_folder), [])

    def test_a_run_that_is_being_trained_is_refused_to_others(self):
        os.makedirs(f"{self.run_folder}/checkpoints")
        with open(f"{self.run_folder}/.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            text = self.train("train.steps=3", ranks=2, code=64)
        self.assertIn("is being trained by another process (", text)
        self.train("train.steps=3", ranks=2)

    def test_parameters_that_are_no_numbers_are_no_success(self):
        # One step far beyond the largest float: its gradient is finite, what it leaves is not.
        text = self.train("train.steps=1", "optimizer.name=sgd", "schedule.learning_rate=1e300",
                          "clip.mode=off", code=80)  # fmt: skip
        self.assertIn("training diverged: its parameters are not finite", text)
        self.assertFalse(os.path.exists(f"{self.run_folder}/done.json"))

    def test_a_validation_loss_that_is_no_number_leaves_checkpoints_readable(self):
        settings = ["model.cell=rnn_relu", "optimizer.name=sgd", "schedule.learning_rate=1e30",
                    "validation.every=1", "checkpoint.every=1", "train.steps=30"]  # fmt: skip
        self.train(*settings, code=80)
        for line in metrics_of(self.run_folder):
            if line["kind"] == "validation" and line["best"]:
                self.assertIsInstance(line["loss"], float)
        if self.steps_saved():
            PROGRAM.run("verify", self.run_folder)

    def test_a_resumed_run_keeps_an_instruction_set_without_fused_multiply_add(self):
        self.train("train.steps=2", "numerics.isa=sse4")
        self.train("train.steps=4")
        self.assertEqual(state_of(self.run_folder)["isa"], "sse4")

    def test_a_run_that_changes_its_bits_says_so(self):
        self.train("train.steps=2", "numerics.isa=sse4")
        self.assertIn("bits will differ", self.train("train.steps=4", "numerics.isa=avx2"))
        self.assertNotIn("bits will differ", self.train("train.steps=6", "numerics.isa=auto"))

    def test_an_empty_run_folder_name_is_refused(self):
        text = PROGRAM.run("train", "--corpus", self.corpus, "--run", "", "--steps", 1, code=64)
        self.assertIn("--run is empty", text)

    def test_patience_without_a_validation_split_is_refused(self):
        corpus = f"{self.run_folder}/corpus"
        PROGRAM.run("prepare", "dna", "--synthetic", 2000, "--window", 50, "--train", "1-1000",
                    "--test", "1001-", "--out", corpus)  # fmt: skip
        text = PROGRAM.run("train", "--corpus", corpus, "--run", f"{self.run_folder}/run", "--set",
                           "validation.patience=2", code=64)  # fmt: skip
        self.assertIn("need a validation split", text)

    def test_divergence_ends_with_80_and_keeps_the_last_good_checkpoint(self):
        text = self.train("train.steps=100", "optimizer.name=sgd", "schedule.learning_rate=1e38",
                          "clip.mode=off", "checkpoint.every=1", "train.max_skipped=4", "log.every=1",
                          ranks=2, code=80)  # fmt: skip
        self.assertIn("training diverged: 4 steps in a row", text)
        self.assertRegex(text, r"the last one by sample \d+ \(.*/train-00000.h5, record \d+; rank [01] on .*\), ")
        skipped = [line for line in metrics_of(self.run_folder) if line.get("skipped")]
        self.assertEqual(len(skipped), 4)
        for step in self.steps_saved():
            with h5py.File(f"{self.run_folder}/checkpoints/step-{step:012}.h5") as file:
                weights = file["head.weight"][...]
            self.assertTrue((abs(weights) < float("inf")).all(), f"step {step} holds no numbers")

    def test_an_exploding_gradient_is_named_with_its_remedy(self):
        # The learning rate rises until a step is too long.
        text = self.train("train.steps=400", "model.cell=gru", "optimizer.name=sgd", "clip.mode=off",
                          "schedule.learning_rate=1e4", "schedule.warmup_steps=1000", "train.max_skipped=3",
                          ranks=2, code=80)  # fmt: skip
        self.assertEqual(text.count("warning: exploding gradient: loss "), 1, text)
        self.assertRegex(text, r"training diverged: .*, after an exploding gradient: loss .* -> .* at step \d+, "
                               r"gradient norm .* \(median of the \d+ steps before\) .*; clip.mode is off, .*: set clip.mode = "
                               r'"fixed" with clip.max_norm about [0-9.]+, or lower schedule.learning_rate')  # fmt: skip

    def test_a_clipped_gradient_is_no_explosion(self):
        text = self.train("train.steps=60", "clip.max_norm=1e-3", "log.every=1", ranks=2)
        self.assertNotIn("explod", text)


if __name__ == "__main__":
    PROGRAM = Program(os.path.abspath(sys.argv.pop(1)))
    unittest.main(verbosity=2)
