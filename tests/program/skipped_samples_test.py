"""A recording whose values are too large for any arithmetic: its steps are skipped on every number of ranks with the same
bits, it is named by file and record, and where it comes too often the run ends with 80 and its last good checkpoint."""

import os
import pathlib
import sys
import tempfile
import unittest

import h5py

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import speech_corpus
from program import Program, checkpoints_of, metrics_of, parameters_of, state_of

HUGE = 3e38  # finite, as a reader demands, until it is multiplied and added
TEXTS = speech_corpus.some_texts(40, seed=1)
STEPS = 20
CONFIG = f"""
[model]
cell = "rnn_relu"
layers = 1
hidden_size = 64
[data]
stack = 5
[batch]
sequences = 8
slots = 8
[train]
steps = {STEPS}
[checkpoint]
every = 4
[log]
every = 1
"""


def spoil(folder, name):
    """A frame in the middle of an utterance is too large."""
    path = pathlib.Path(folder) / f"feat/{name}.mfc"
    count = (path.stat().st_size - 4) // 4 // speech_corpus.WIDTH
    frames = [[0.1 * (t + i) for i in range(speech_corpus.WIDTH)] for t in range(count)]
    frames[count // 2] = [HUGE] * speech_corpus.WIDTH
    speech_corpus.write_mfc(path, frames)


class SkippedSamplesTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        with open(f"{self.folder}/config.toml", "w") as file:
            file.write(CONFIG)

    def prepare(self, bad):
        words = speech_corpus.prepare_words(self.folder, f"{self.folder}/corpus", TEXTS,
                                            more=["--normalise", "none", "--shard-bytes", 20000])  # fmt: skip
        for i in bad:
            spoil(self.folder, f"train{i:03}")
        PROGRAM.run(*words)

    def train(self, run, ranks, threads=1, code=0, sets=()):
        words = ["train", "--config", f"{self.folder}/config.toml", "--corpus", f"{self.folder}/corpus",
                 "--run", f"{self.folder}/{run}", "--threads", threads]  # fmt: skip
        for word in sets:
            words += ["--set", word]
        return PROGRAM.run(*words, ranks=ranks, code=code)

    def test_a_bad_sample_is_skipped_and_named_on_any_number_of_ranks(self):
        self.prepare(bad=[17])
        expected = None
        for ranks, threads in ((0, 1), (0, 2), (2, 1), (3, 1)):
            run = f"{ranks}-{threads}"
            said = self.train(run, ranks, threads)
            outcome = state_of(f"{self.folder}/{run}")["parameters_hash"], metrics_of(f"{self.folder}/{run}")
            expected = expected or outcome
            self.assertEqual(outcome, expected, run)
            skipped = [line for line in outcome[1] if line["kind"] == "skipped"]
            self.assertEqual(len(skipped), STEPS * 8 // len(TEXTS), "once an epoch")
            for line in skipped:
                self.assertEqual(len(line["not_finite"]), 1)
                self.assertEqual(line["not_finite"][0]["sample"], 17)
                self.check_named(said, line)

    def check_named(self, said, line):
        (sample,) = line["not_finite"]
        self.assertRegex(said, rf"step {line['step']} skipped: .*: sample 17 \({self.folder}/corpus/{sample['file']}, "
                               rf"record {sample['record']}; rank \d on [^ ]+\)")  # fmt: skip
        with h5py.File(f"{self.folder}/corpus/{sample['file']}") as shard:
            begin, end = shard["offsets"][sample["record"] : sample["record"] + 2]
            self.assertGreater(shard["inputs"][begin:end].max(), 1e38, "the sample that was spoilt")

    def test_too_many_in_a_row_end_the_run_and_keep_the_last_good_checkpoint(self):
        self.prepare(bad=range(0, 40))
        said = self.train("all", ranks=2, code=80)
        self.assertRegex(said, r"training diverged: 10 steps in a row had a gradient that is not finite, the last one by "
                               r"sample \d+ \(.*corpus/train-\d+.h5, record \d+; rank \d on .*\), sample")  # fmt: skip
        self.assertEqual([line["step"] for line in metrics_of(f"{self.folder}/all") if line["kind"] == "skipped"],
                         list(range(1, 11)))  # fmt: skip

    def test_steps_before_too_many_in_a_row_are_kept(self):
        self.prepare(bad=[17])
        sets = ["train.max_skipped=1", "checkpoint.every=1"]
        self.train("one", ranks=2, code=80, sets=sets)
        last = metrics_of(f"{self.folder}/one")[-2:]
        self.assertEqual({line["step"] for line in last}, {last[0]["step"]})
        run = f"{self.folder}/one"
        self.assertGreater(last[0]["step"], 1, "a first step has none before it; choose another sample")
        self.assertEqual(checkpoints_of(run)[-1], f"step-{last[0]['step'] - 1:012}.h5")
        for name, values in parameters_of(run).items():
            self.assertTrue((abs(values) < float("inf")).all(), name)


if __name__ == "__main__":
    PROGRAM = Program(os.path.abspath(sys.argv.pop(1)))
    unittest.main(verbosity=2)
