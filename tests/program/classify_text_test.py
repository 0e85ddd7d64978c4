"""Labelled texts from a file of one's own to classes of new texts: the same bits on 1, 2 and 3 ranks and across a stop,
a report per class that does not depend on ranks, and errors that name file and line."""

import json
import os
import random
import shlex
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from corpus_case import CorpusCase
from program import Program

GOOD, BAD, PLAIN = ["fine", "lovely", "great"], ["dull", "awful", "weak"], "a the film plot and it was of to in".split()


def sentences(count, seed):
    """Lines LABEL <tab> TEXT: the class is that of the one word that is not plain."""
    draw = random.Random(seed)
    lines = []
    for number in range(count):
        words = draw.choices(PLAIN, k=draw.randint(1, 12))
        words.insert(draw.randint(0, len(words)), draw.choice(GOOD if number % 2 else BAD))
        lines.append(f"{'good' if number % 2 else 'bad'}\t{' '.join(words)}\n")
    return lines


SETTINGS = [word for setting in (
    "model.hidden_size=12", "model.embedding_size=8", "model.pooling=last+max", "model.dropout=0.2",
    "model.pooled_dropout=0.2", "model.symbol_dropout=0.1", "batch.sequences=16", "batch.slots=6",
    "schedule.learning_rate=0.02", "checkpoint.every=7", "log.every=1", "model.dense_layers=1",
    "model.dense_size=10") for word in ("--set", setting)]  # fmt: skip


class ClassifyTextTest(CorpusCase):
    settings = SETTINGS

    def prepare(self):
        train = self.write("train.tsv", sentences(160, 1))
        test = self.write("test.tsv", sentences(60, 2))
        PROGRAM.run("prepare", "text", "--train", train, "--test", test, "--valid-fraction", 0.1, "--out",
                    f"{self.folder}/corpus")  # fmt: skip

    def test_the_same_bits_on_any_number_of_ranks_and_across_a_stop(self):
        self.prepare()
        found = self.check_same_bits(30)
        self.assertEqual(self.train("two", 2, 30), self.train("whole", 1, 30))
        self.assertEqual(found["labels"], 60)
        self.assertEqual(sum(map(sum, (row["named_as"] for row in found["classes"]))), 60)

    def test_the_next_command_names_a_split_that_the_corpus_has(self):
        train = self.write("train.tsv", sentences(40, 1))
        for words, split in ((("--valid-fraction", 0.2), " --split valid"), ((), " --split train"),
                             (("--test-fraction", 0.2), "")):  # fmt: skip
            corpus, run = f"{self.folder}/corpus{split}", f"{self.folder}/run{split}"
            PROGRAM.run("prepare", "text", "--train", train, *words, "--out", corpus)
            text = PROGRAM.run("train", "--corpus", corpus, "--run", run, "--steps", 1, *SETTINGS)
            line = next(line for line in text.splitlines() if line.startswith("next: lockstep "))
            self.assertTrue(line.endswith(split or corpus), line)
            PROGRAM.run(*shlex.split(line)[2:])

    def test_a_file_without_a_line_is_told(self):
        self.prepare()
        self.train("run", 0, 8)
        empty = self.write("empty.txt", [])
        result = PROGRAM.run("predict", "--text", empty, "--run", f"{self.folder}/run")
        self.assertIn("the file is empty, so there is nothing to predict", result)

    def test_the_best_checkpoint_can_be_that_of_the_best_accuracy(self):
        self.prepare()
        _, metrics = self.train("run", 0, 40, "--set", "validation.metric=accuracy")
        best = 0
        for line in metrics:
            if line["kind"] == "validation":
                self.assertEqual(line["best"], line["accuracy"] > best)
                best = max(best, line["accuracy"])
        self.assertGreater(best, 0.5)

    def test_new_texts_get_the_classes_that_were_learned(self):
        self.prepare()
        self.train("run", 2, 120)
        self.assertGreaterEqual(self.evaluate("run", 1)["accuracy"], 0.95)
        self.assertIn("<h2>Confusion matrix</h2>", self.report("run", "--split", "test"))
        texts = self.write("new.txt", ["the plot was great\n", "awful\n"])
        out = f"{self.folder}/classes.tsv"
        PROGRAM.run("predict", "--run", f"{self.folder}/run", "--text", texts, "--out", out)
        with open(out) as file:
            text = file.read()
        for ranks in (0, 2):
            self.assertEqual(PROGRAM.run("predict", "--run", f"{self.folder}/run", "--text", "-", ranks=ranks,
                                         standard_input="the plot was great\nawful\n"), text)  # fmt: skip
        self.assertEqual(PROGRAM.answers("predict", "--run", f"{self.folder}/run", "--text", "-",
                                         lines=["the plot was great\n", "awful\n"]), text)  # fmt: skip
        rows = [line.split("\t") for line in text.splitlines()]
        self.assertEqual([(row[0], row[2]) for row in rows], [("good", "the plot was great"), ("bad", "awful")])

    def test_a_run_is_evaluated_on_new_labelled_texts(self):
        self.prepare()
        self.train("run", 0, 40)
        run, other = f"{self.folder}/run", f"{self.folder}/other"
        PROGRAM.run("prepare", "text", "--like", run, "--test", self.write("new.tsv", sentences(60, 2)), "--out", other)
        report = self.evaluate("run", 0)
        os.rename(f"{self.folder}/corpus", f"{self.folder}/first")
        os.rename(other, f"{self.folder}/corpus")
        self.assertEqual(self.evaluate("run", 0), report, "the same texts as those of the first corpus")
        bad = self.write("odd.tsv", sentences(4, 3) + ["odd\ta film\n"])
        text = PROGRAM.run("prepare", "text", "--like", run, "--test", bad, "--out", f"{self.folder}/z", code=65)
        self.assertIn('odd.tsv:5: the class "odd" is not among those of ', text)
        text = PROGRAM.run("prepare", "text", "--like", run, "--test", bad, "--lower-case", "--out", other, code=64)
        self.assertIn("--lower-case does not go with --like", text)

    def test_a_corpus_of_other_rules_is_not_evaluated(self):
        self.prepare()
        self.train("run", 0, 1)
        train, other = self.write("t.tsv", sentences(160, 1)), f"{self.folder}/other"
        PROGRAM.run("prepare", "text", "--train", train, "--valid-fraction", 0.1, "--lower-case", "--out", other)
        text = PROGRAM.run("evaluate", "--run", f"{self.folder}/run", "--corpus", other, "--split", "train", code=64)
        self.assertIn("prepare the corpus again with --like", text)

    def test_bad_files_are_named_with_their_lines(self):
        lines = sentences(20, 3)
        cases = {
            "a row without a text": (lines[:4] + ["good\t\n"] + lines[4:], "bad.tsv:5"),
            "a wrong number of columns": (lines[:7] + ["good\ta film\tmore\n"] + lines[7:], "bad.tsv:8"),
        }
        for name, (content, place) in cases.items():
            with self.subTest(name):
                bad = self.write("bad.tsv", content)
                text = PROGRAM.run("prepare", "text", "--train", bad, "--format", "tsv", "--header", "no",
                                   "--label-column", 1, "--text-column", 2, "--out", f"{self.folder}/x", code=65)  # fmt: skip
                self.assertIn(place, text)
        train, test = self.write("train.tsv", lines), self.write("test.tsv", lines[:3] + ["odd\ta film\n"])
        text = PROGRAM.run("prepare", "text", "--train", train, "--test", test, "--out", f"{self.folder}/y", code=65)
        self.assertIn("test.tsv:4", text)

    def test_a_drawn_split_that_gets_nothing_is_told(self):
        few = self.write("few.tsv", sentences(4, 3))
        text = PROGRAM.run("prepare", "text", "--train", few, "--valid-fraction", 0.1, "--out", f"{self.folder}/z")
        self.assertIn("the valid split is empty: --valid-fraction 0.1 of 4 samples", text)

    def test_the_hash_of_a_corpus_knows_of_like_only_where_it_was_given(self):
        self.prepare()
        with open(f"{self.folder}/corpus/corpus.json") as file:
            self.assertNotIn("like", json.load(file)["provenance"]["options"])

    def test_a_run_of_bases_refuses_texts(self):
        PROGRAM.run("prepare", "dna", "--synthetic", 4000, "--window", 50, "--out", f"{self.folder}/corpus")
        PROGRAM.run("train", "--corpus", f"{self.folder}/corpus", "--run", f"{self.folder}/dna", "--steps", 1)
        text = PROGRAM.run("predict", "--run", f"{self.folder}/dna", "--text", "/dev/null", code=64)
        self.assertIn("not on texts with a label each", text)


if __name__ == "__main__":
    CorpusCase.program = PROGRAM = Program(os.path.abspath(sys.argv.pop(1)))
    unittest.main(verbosity=2)
