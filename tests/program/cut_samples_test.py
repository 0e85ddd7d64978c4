"""Samples that training cuts at borders drawn in each epoch: the same bits on 1, 2 and 3 ranks and across a stop in the
middle of an epoch, each base once per epoch, a validation that evaluate repeats, and mistakes that are refused."""

import json
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from genome_case import GenomeCase
from program import Program

CUT = "data.cut_steps=50"
BASES = {"a": 3000, "b": 2150, "v": 900}


class CutSamplesTest(GenomeCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        words = cls.write_genomes(BASES)
        for corpus, more in ("corpus", ["--window", 400]), ("context", ["--window", 400, "--overlap", 20]):
            PROGRAM.run("prepare", "dna", *words, *more, "--shard-bytes", 2000, "--valid-records", "v",
                        "--out", f"{cls.folder}/{corpus}")  # fmt: skip

    def test_the_same_bits_on_any_number_of_ranks_and_across_a_stop(self):
        # About 13 samples + 5137 / 50 borders = 116 pieces per epoch: 8 batches if they are one window.
        variants = {
            "label sequences, many windows":
                (20, [CUT, "model.head=crf", "data.window_sequences=30", "data.source_weights=a.fa=1.5"]),
            "carried states": (40, [CUT, "model.bidirectional=false", "train.bptt_steps=20"]),
        }
        for name, (steps, settings) in variants.items():
            with self.subTest(name):
                expected = self.result("whole", settings, (0, 1, steps))
                self.assertGreaterEqual(expected[1], 1, "several epochs")
                self.assertEqual(self.result("shape", settings, (3, 2, steps)), expected)
                self.assertEqual(self.result("resumed", settings, (2, 1, 13), (0, 1, steps)), expected)

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
    PROGRAM = GenomeCase.program = Program(os.path.abspath(sys.argv.pop(1)))
    unittest.main(verbosity=2)
