"""Samples that training cuts at borders drawn in each epoch: the same bits on 1, 2 and 3 ranks and across a stop in the
middle of an epoch, each base once per epoch, a validation that evaluate repeats, and mistakes that are refused."""

import json
import os
import random
import shutil
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from program import Program, metrics_of, state_of

SETTINGS = [
    "model.hidden_size=8", "model.embedding_size=4", "model.dropout=0.2", "batch.sequences=16", "batch.slots=6",
    "data.random_strand=true", "schedule.learning_rate=0.02", "checkpoint.every=1000", "log.every=1",
]  # fmt: skip
CUT = "data.cut_steps=50"
BASES = {"a": 3000, "b": 2150, "v": 900}


class CutSamplesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        draw = random.Random(3)
        words = []
        for name, bases in BASES.items():
            sequence = "".join(draw.choices("ACGT", k=bases))
            cls.write(f"{name}.fa", f">{name}\n{sequence}\n")
            cls.write(f"{name}.gff", f"##gff-version 3\n{name}\tx\tCDS\t10\t{bases // 2}\t.\t+\t0\tID=c\n")
            words += ["--fasta", f"{cls.folder}/{name}.fa", "--gff", f"{cls.folder}/{name}.gff"]
        for corpus, more in ("corpus", ["--window", 400]), ("context", ["--window", 400, "--overlap", 20]):
            PROGRAM.run("prepare", "dna", *words, *more, "--shard-bytes", 2000, "--valid-records", "v",
                        "--out", f"{cls.folder}/{corpus}")  # fmt: skip

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    @classmethod
    def write(cls, name, text):
        with open(f"{cls.folder}/{name}", "w") as file:
            file.write(text)

    def train(self, run, ranks, steps, settings, threads=1, code=0, corpus="corpus"):
        words = [word for setting in SETTINGS + settings for word in ("--set", setting)]
        return PROGRAM.run("train", "--corpus", f"{self.folder}/{corpus}", "--run", f"{self.folder}/{run}",
                           "--threads", threads, "--steps", steps, *words, ranks=ranks, code=code)  # fmt: skip

    def result(self, name, settings, *legs):
        """Trains in legs of (ranks, threads, until step); gives hash, epoch and metrics."""
        run = os.path.basename(tempfile.mkdtemp(prefix=name, dir=self.folder))
        for number, (ranks, threads, steps) in enumerate(legs):
            self.train(run, ranks, steps, settings, threads)
            state = state_of(f"{self.folder}/{run}")
            if number + 1 < len(legs):
                self.assertGreater(state["epoch_step"], 0, "stopped in the middle of an epoch")
        return state["parameters_hash"], state["epoch"], metrics_of(f"{self.folder}/{run}")

    def test_the_same_bits_on_any_number_of_ranks_and_across_a_stop(self):
        # About 13 samples + 5137 / 50 borders = 116 pieces per epoch: 8 batches if they are one window.
        variants = {
            "one window": [CUT],
            "many windows": [CUT, "data.window_sequences=30", "data.source_weights=a.fa=1.5"],
            "label sequences": [CUT, "model.head=crf"],
            "carried states": [CUT, "model.bidirectional=false", "train.bptt_steps=20"],
        }
        for name, settings in variants.items():
            with self.subTest(name):
                expected = self.result("whole", settings, (0, 1, 20))
                self.assertGreaterEqual(expected[1], 1, "several epochs")
                for shape in (2, 1), (3, 2):
                    self.assertEqual(self.result("shape", settings, (*shape, 20)), expected, shape)
                self.assertEqual(self.result("resumed", settings, (3, 1, 11), (0, 1, 20)), expected)

    def test_each_base_is_used_once_per_epoch_and_a_validation_is_repeated_by_evaluate(self):
        settings = [CUT, "train.epochs=3", "data.random_strand=false"]
        lines = self.result("counted", [*settings, "validation.every=0"], (0, 1, 0))[2]
        steps = [line for line in lines if line["kind"] == "step"]
        for epoch in range(3):
            labels = sum(line["labels"] for line in steps if line["epoch"] == epoch)
            self.assertEqual(labels, BASES["a"] + BASES["b"], "each base has a label")
        borders = [tuple(line["labels"] for line in steps if line["epoch"] == epoch) for epoch in range(3)]
        self.assertEqual(len(set(borders)), 3, "epochs are cut differently")
        validations = [line for line in lines if line["kind"] == "validation"]
        self.assertEqual([line["labels"] for line in validations], [BASES["v"]] * 3)
        run = max(name for name in os.listdir(self.folder) if name.startswith("counted"))
        found = json.loads(PROGRAM.run("evaluate", "--run", f"{self.folder}/{run}", "--corpus",
                                       f"{self.folder}/corpus", "--split", "valid", "--checkpoint", "newest",
                                       "--json"))  # fmt: skip
        self.assertEqual(found["loss"], validations[-1]["loss"])

    def test_mistakes_say_what_to_do(self):
        cases = [
            ("data.cut_steps=400", "corpus", "would cut nothing: the longest sample for training in corpus"),
            (CUT, "context", "which their pieces would lose; prepare the corpus with --overlap 0"),
            ("data.cut_steps=-1", "corpus", "data.cut_steps"),
            ("data.cut_steps=many", "corpus", "data.cut_steps"),
        ]
        for setting, corpus, message in cases:
            with self.subTest(setting):
                self.assertIn(message, self.train("bad", 0, 1, [setting], code=64, corpus=corpus))
        self.train("told", 0, 1, [CUT])
        self.assertIn("data.cut_steps", self.train("told", 0, 2, [], code=64), "it decides the bits of the run")


if __name__ == "__main__":
    PROGRAM = Program(os.path.abspath(sys.argv.pop(1)))
    unittest.main(verbosity=2)
