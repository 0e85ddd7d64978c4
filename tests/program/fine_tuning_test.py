"""A run that begins with the parameters of another one whose words and classes are others, and a run that trains only
some of its parameters: what is taken, what stays, the same bits on 1, 2 and 3 ranks and across a stop."""

import json
import os
import random
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from corpus_case import CorpusCase
from program import Program, checkpoints_of, h5py

SETTINGS = [word for setting in (
    "model.hidden_size=8", "model.embedding_size=5", "batch.sequences=8", "batch.slots=5", "model.cell=lstm",
    "schedule.learning_rate=0.02", "optimizer.weight_decay=0.01", "checkpoint.every=5", "checkpoint.keep=0",
    "log.every=1", "clip.mode=off") for word in ("--set", setting)]  # fmt: skip
OLD_WORDS, NEW_WORDS = "good bad fine dull plot cast".split(), "dull good score noise cast tune".split()


def lines(words, classes, seed):
    draw = random.Random(seed)
    return [f"{draw.choice(classes)}\t{' '.join(draw.choice(words) for _ in range(1 + i % 6))}\n" for i in range(70)]


class FineTuningTest(CorpusCase):
    settings = SETTINGS

    def setUp(self):
        super().setUp()
        self.prepare("old", lines(OLD_WORDS, ["neg", "pos"], 1))
        self.prepare("corpus", lines(NEW_WORDS, ["pos", "mixed", "neg"], 2))
        PROGRAM.run("train", "--corpus", f"{self.folder}/old", "--run", f"{self.folder}/first", "--steps", 6, *SETTINGS)
        self.start = ["--set", f"train.start_from={self.folder}/first"]

    def prepare(self, out, rows):
        table = self.write(f"{out}.tsv", rows)
        PROGRAM.run("prepare", "text", "--train", table, "--valid-fraction", 0.1, "--out", f"{self.folder}/{out}")

    def names(self, corpus):
        """The words and the classes of a corpus, in the order of their ids."""
        with open(f"{self.folder}/{corpus}/corpus.json") as file:
            return [vocabulary["names"] for vocabulary in json.load(file)["schema"]["vocabularies"]]

    def stored(self, run, which=-1, part=""):
        """The arrays of a checkpoint by name, and the names of symbols and classes."""
        name = checkpoints_of(f"{self.folder}/{run}")[which]
        with h5py.File(f"{self.folder}/{run}/checkpoints/{name}") as file:
            group = file[part] if part else file
            return {k: v[()] for k, v in group.items() if isinstance(v, h5py.Dataset)}

    def said(self, run):
        with open(f"{self.folder}/{run}/log.txt") as file:
            return file.read()

    def test_rows_of_common_words_and_classes_are_taken(self):
        """With a rate of 0 the first checkpoint holds what the run began with."""
        self.train("run", 0, 5, *self.start, "--set", "schedule.learning_rate=0")
        self.train("new", 0, 5, "--set", "schedule.learning_rate=0")
        old, found, new = self.stored("first"), self.stored("run"), self.stored("new")
        words, classes = zip(*(self.names(corpus) for corpus in ("old", "corpus")))
        common = 0
        for row, word in enumerate(words[1]):
            known = word in words[0]
            common += known
            expected = old["embedding.weight"][words[0].index(word)] if known else new["embedding.weight"][row]
            self.assertEqual(found["embedding.weight"][row].tolist(), expected.tolist(), word)
        self.assertEqual(sum(word in OLD_WORDS for word in words[1]), 3)
        for row, name in enumerate(classes[1]):
            known = name in classes[0]
            expected = old["head.weight"][classes[0].index(name)] if known else new["head.weight"][row]
            self.assertEqual(found["head.weight"][row].tolist(), expected.tolist(), name)
        for name in old:
            if name.startswith("rnn."):
                self.assertEqual(found[name].tolist(), old[name].tolist(), name)
        self.assertIn(f"embedding.weight ({common} of {len(words[1])} symbols)", self.said("run"))
        self.assertIn("head.weight (2 of 3 classes)", self.said("run"))

    def test_only_named_parts_are_taken(self):
        self.train("run", 0, 5, *self.start, "--set", "schedule.learning_rate=0", "--set",
                   "train.start_parts=rnn.*")  # fmt: skip
        self.train("new", 0, 5, "--set", "schedule.learning_rate=0")
        found, new = self.stored("run"), self.stored("new")
        for name in ("embedding.weight", "head.weight", "head.bias"):
            self.assertEqual(found[name].tolist(), new[name].tolist(), name)
        self.assertNotEqual(found["rnn.weight_hh_l0"].tolist(), new["rnn.weight_hh_l0"].tolist())
        self.assertIn("drawn anew: embedding.weight, head.weight, head.bias", self.said("run"))

    def test_frozen_parameters_keep_their_bits_and_the_others_move(self):
        freeze = [*self.start, "--set", "train.freeze=embedding.*, rnn.*_l0", "--set", "train.average_weights=ema"]
        whole = self.train("whole", 0, 15, *freeze)
        self.train("stopped", 3, 7, *freeze)
        self.assertEqual(self.train("stopped", 2, 15, *freeze), whole)
        first, last = self.stored("whole", 0), self.stored("whole")
        average = self.stored("whole", -1, "optimizer/average")
        for name, values in first.items():
            frozen = name == "embedding.weight" or name.endswith("_l0")
            self.assertEqual(values.tolist() == last[name].tolist(), frozen, name)
            if frozen:
                self.assertEqual(average[name].tolist(), last[name].tolist(), name)
                for moment in ("first_moment", "second_moment"):
                    self.assertFalse(self.stored("whole", -1, f"optimizer/{moment}")[name].any(), name)
        self.assertIn("of the parameters are frozen: embedding.weight, rnn.weight_ih_l0", self.said("whole"))

    def norm(self, run, *more):
        """The norm of the first gradient, before any update."""
        _, metrics = self.train(run, 0, 1, *more)
        return next(line["gradient_norm"] for line in metrics if line["kind"] == "step")

    def test_the_norm_counts_what_is_trained(self):
        """Squares of the two halves of the gradient add up to those of the whole."""
        upper = self.norm("a", "--set", "train.freeze=embedding.*, rnn.*")
        lower = self.norm("b", "--set", "train.freeze=head.*")
        whole = self.norm("c")
        self.assertAlmostEqual(upper**2 + lower**2, whole**2, delta=1e-6 * whole**2)
        self.assertLess(upper, whole)

    def refused(self, message, *words):
        self.assertIn(message, PROGRAM.run("train", "--corpus", f"{self.folder}/corpus", "--run", f"{self.folder}/no",
                                           "--steps", 1, *SETTINGS, *words, code=64))  # fmt: skip

    def test_what_names_nothing_is_refused(self):
        self.refused('train.freeze: no parameter of the model has the name "rn.*"; they are embedding.weight',
                     "--set", "train.freeze=rn.*")  # fmt: skip
        self.refused("which names all parameters", "--set", "train.freeze=*")
        self.refused('train.start_parts: no parameter of the model has the name "x"', *self.start, "--set",
                     "train.start_parts=x")  # fmt: skip
        self.refused("no parameter of", *self.start, "--set", "train.start_parts=rnn.*", "--set",
                     "model.hidden_size=9")  # fmt: skip
        self.train("run", 0, 2)
        text = PROGRAM.run("train", "--corpus", f"{self.folder}/corpus", "--run", f"{self.folder}/run", "--steps", 3,
                           *SETTINGS, "--set", "train.freeze=head.*", code=64)  # fmt: skip
        self.assertIn("train.freeze is  in the run, head.* now", text)


if __name__ == "__main__":
    PROGRAM = CorpusCase.program = Program(sys.argv.pop(1))
    unittest.main()
