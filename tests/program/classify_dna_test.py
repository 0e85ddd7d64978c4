"""Nucleotide sequences with one label each: the same bits on 1, 2 and 3 ranks and across a kill, a report per class
that does not depend on ranks, classes of new records, and errors that name file and line."""

import os
import random
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from corpus_case import CorpusCase
from program import Program

SETTINGS = [word for setting in (
    "model.hidden_size=12", "model.embedding_size=4", "model.pooling=attention+max", "model.dropout=0.2",
    "model.pooled_dropout=0.2", "model.class_weights=balanced", "batch.sequences=16", "batch.slots=6",
    "schedule.learning_rate=0.02", "checkpoint.every=7", "log.every=1") for word in ("--set", setting)]  # fmt: skip


def sequences(count, seed):
    """(class, bases): the class `site` has GGTAAG somewhere, `none` never has it."""
    draw = random.Random(seed)
    found = []
    while len(found) < count:
        bases = "".join(draw.choices("ACGT", k=draw.randint(12, 30)))
        if "GGTAAG" in bases:
            continue
        if len(found) % 2:
            at = draw.randint(0, len(bases) - 6)
            bases = bases[:at] + "GGTAAG" + bases[at + 6 :]
        found.append(("site" if len(found) % 2 else "none", bases))
    return found


def fasta(rows):
    return [f">record-{number} label={label}\n{bases}\n" for number, (label, bases) in enumerate(rows)]


class ClassifyDnaTest(CorpusCase):
    settings = SETTINGS

    def prepare(self, count=200):
        train = self.write("train.fa", fasta(sequences(count, 1)))
        test = self.write("test.csv", ["class,sequence\n"] + [f"{c},{s}\n" for c, s in sequences(60, 2)])
        PROGRAM.run("prepare", "dna", "--task", "classify", "--train", train, "--test", test, "--valid-fraction", 0.1,
                    "--out", f"{self.folder}/corpus")  # fmt: skip

    def test_the_same_bits_on_any_number_of_ranks_and_across_a_stop(self):
        self.prepare()
        found = self.check_same_bits(30)
        self.assertEqual(self.train("two", 2, 30), self.train("whole", 1, 30))
        self.assertEqual(found["labels"], 60)
        self.assertEqual(sum(map(sum, (row["named_as"] for row in found["classes"]))), 60)

    def test_new_records_get_the_classes_that_were_learned(self):
        self.prepare(600)
        self.train("run", 2, 250)
        self.assertGreaterEqual(self.evaluate("run", 1)["accuracy"], 0.9)
        rows = sequences(40, 5)
        new = self.write("new.fa", fasta(rows))
        found = self.classes_of(new)
        self.assertEqual([row[0] for row in found], [f"record-{number}" for number in range(40)])
        right = sum(row[1] == label for row, (label, _) in zip(found, rows))
        self.assertGreaterEqual(right, 36)
        self.assertIn("does not go with run", PROGRAM.run(
            "predict", "--run", f"{self.folder}/run", "--fasta", new, "--min-length", 3, code=64))  # fmt: skip
        for option in ("proteins", "nucleotides", "track", "window", "overlap", "strands", "features", "circular",
                       "genetic-code"):  # fmt: skip
            self.assertIn(f"--{option} does not go with run", PROGRAM.run(
                "predict", "--run", f"{self.folder}/run", "--fasta", new, f"--{option}", 3, code=64))  # fmt: skip
        self.check_ensemble(new)

    def classes_of(self, fasta_file, *more):
        """(name, class, probability) of each record."""
        out = f"{self.folder}/classes.tsv"
        PROGRAM.run("predict", "--run", f"{self.folder}/run", "--fasta", fasta_file, "--out", out, *more)
        with open(out) as file:
            rows = [line.rstrip("\n").split("\t") for line in file]
        os.remove(out)  # predict overwrites nothing
        return rows

    def check_ensemble(self, fasta_file):
        """Where two checkpoints name the same class, both together name it, with the mean of their probabilities."""
        last, before = (self.classes_of(fasta_file, "--checkpoint", step) for step in (250, 245))
        both = self.classes_of(fasta_file, "--checkpoint", 250, "--ensemble", f"{self.folder}/run:245")
        for first, second, mean in zip(last, before, both, strict=True):
            if first[1] == second[1]:
                self.assertEqual(mean[:2], first[:2])
                self.assertAlmostEqual(float(mean[2]), (float(first[2]) + float(second[2])) / 2, delta=2e-4)

    def test_bad_files_are_named_with_their_lines(self):
        good = fasta(sequences(20, 3))
        cases = {
            "a letter that is no base": (good + [">x label=site\nACGT!\n"], "bad.fa:42"),
            "a header without a label": (good[:3] + [">x\nACGT\n"] + good[3:], "bad.fa:7"),
        }
        for name, (content, place) in cases.items():
            with self.subTest(name):
                bad = self.write("bad.fa", content)
                text = PROGRAM.run("prepare", "dna", "--task", "classify", "--train", bad, "--out",
                                   f"{self.folder}/x", code=65)  # fmt: skip
                self.assertIn(place, text)
        train, test = self.write("train.fa", good), self.write("test.fa", good[:2] + [">y label=odd\nACGT\n"])
        text = PROGRAM.run("prepare", "dna", "--task", "classify", "--train", train, "--test", test, "--out",
                           f"{self.folder}/y", code=65)  # fmt: skip
        self.assertIn("test.fa:5", text)
        self.assertIn("allowed are label and classify", PROGRAM.run(
            "prepare", "dna", "--task", "segment", "--out", f"{self.folder}/y", code=64))  # fmt: skip


if __name__ == "__main__":
    CorpusCase.program = PROGRAM = Program(os.path.abspath(sys.argv.pop(1)))
    unittest.main(verbosity=2)
