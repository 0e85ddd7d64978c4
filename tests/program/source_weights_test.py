"""Weights per source: the same bits on 1, 2 and 3 ranks and across a stop in the middle of an epoch, in one window and
in many; weights of 1 change nothing; validation has none; and mistakes name the sources."""

import json
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from genome_case import GenomeCase
from program import Program

WEIGHTS = "data.source_weights=*=0.4, a.fa = 2.5,long*=3"


class SourceWeightsTest(GenomeCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        words = cls.write_genomes({"a": 2000, "b": 3000, "long.name": 900, "v": 1000})
        PROGRAM.run("prepare", "dna", *words, "--window", 50, "--shard-bytes", 1000, "--valid-records", "v",
                    "--out", f"{cls.folder}/corpus")  # fmt: skip

    def test_the_same_bits_on_any_number_of_ranks_and_across_a_stop(self):
        # About 40 x 2.5 + 60 x 0.4 + 18 x 3 = 178 sequences per epoch: 12 batches if they are one window, and more
        # if a window has 25 sequences, which take 3 or 4 of the shards.
        variants = {
            "one window": [WEIGHTS],
            "many windows": [WEIGHTS, "data.window_sequences=25"],
            "carried states": [WEIGHTS, "data.window_sequences=25", "model.bidirectional=false", "train.bptt_steps=20"],
        }
        for name, settings in variants.items():
            with self.subTest(name):
                expected = self.result("whole", settings, (0, 1, 34))
                self.assertGreaterEqual(len(expected[2]), 34)
                for shape in (1, 2), (2, 1), (3, 2):
                    self.assertEqual(self.result("shape", settings, (*shape, 34)), expected, shape)
                for first, second in ((1, 1), (3, 1)), ((2, 2), (0, 1)):
                    self.assertEqual(self.result("resumed", settings, (*first, 17), (*second, 34)), expected)

    def test_each_sequence_is_read_as_often_as_its_weight_says(self):
        settings = ["data.source_weights=a.fa=3,long*=0", "train.epochs=2", "validation.every=0"]
        lines = self.result("counted", settings, (0, 1, 0))[2]
        of_epoch = [sum(line["samples"] for line in lines if line["kind"] == "step" and line["epoch"] == epoch)
                    for epoch in (0, 1)]  # fmt: skip
        self.assertEqual(of_epoch, [3 * 40 + 60] * 2)
        validations = [line for line in lines if line["kind"] == "validation"]
        self.assertEqual([line["labels"] for line in validations], [1000, 1000], "one for each epoch, without weights")

    def test_weights_of_one_change_nothing(self):
        plain = self.result("plain", [], (0, 1, 10))
        self.assertEqual(self.result("ones", ["data.source_weights=*=1"], (0, 1, 10)), plain)

    def test_says_the_weights(self):
        text = self.train("told", 0, 1, [WEIGHTS])
        for line in ('source "a.fa": weight 2.5, 40 sequences', 'source "b.fa": weight 0.4, 60 sequences',
                     'source "long.name.fa": weight 3, 18 sequences'):  # fmt: skip
            self.assertIn(line, text)
        self.assertNotIn("v.fa", text)
        self.assertIn("data.source_weights", self.train("told", 0, 2, [], code=64), "they decide the bits of the run")

    def test_inspect_lists_the_sources(self):
        found = json.loads(PROGRAM.run("inspect", f"{self.folder}/corpus", "--json"))["sources"]
        self.assertEqual(found["a.fa"], {"train": {"sequences": 40, "steps": 2000}})
        self.assertEqual(found["v.fa"], {"valid": {"sequences": 20, "steps": 1000}})

    def test_mistakes_say_what_is_allowed(self):
        cases = {
            "x.fa=2": 'no source of the training split matches "x.fa"; the sources are "a.fa", "b.fa", "long.name.fa"',
            "v.fa=2": 'no source of the training split matches "v.fa"',
            "a.fa=-1": '"a.fa=-1" is no weight; allowed are NAME=WEIGHT',
            "a.fa=nan": '"a.fa=nan" is no weight',
            "a.fa=1e9": "a number in 0..1000",
            "a.fa=inf": "is no weight",
            "=2": '"=2" is no weight',
            "a.fa": '"a.fa" is no weight',
            "a.fa=2,": 'where "" is no weight',
            "*=0": "leave 0 sequences of the training split per epoch on average",
            "*=0.001": "leave 0.118 sequences",
        }
        for weights, message in cases.items():
            with self.subTest(weights):
                self.assertIn(message, self.train("bad", 0, 1, [f"data.source_weights={weights}"], code=64))


if __name__ == "__main__":
    PROGRAM = GenomeCase.program = Program(os.path.abspath(sys.argv.pop(1)))
    unittest.main(verbosity=2)
