"""Small corpora of several kinds, runs on them, and the sequences and scores of a split by the program itself: for tests
that compute the same scores in another way."""

import glob
import random
import tempfile
import unittest

from program import h5py

SETTINGS = ["batch.sequences=1000", "batch.slots=3", "schedule.learning_rate=0.05", "model.hidden_size=7",
            "model.embedding_size=5", "model.bidirectional=false", "validation.every=1000"]  # fmt: skip


def write_texts(path):
    draw = random.Random(1)
    words = [f"word{i}" for i in range(30)]
    with open(path, "w") as file:
        for number in range(40):
            file.write(f"class{number % 3}\t{' '.join(draw.choices(words, k=draw.randint(1, 9)))}\n")


def write_rows(path):
    draw = random.Random(2)
    with open(path, "w") as file:
        file.write("name,area,a,b,c,state,first,second\n")
        for number in range(40):
            area = draw.gauss(0, 1)
            for _ in range(draw.randint(1, 8)):
                inputs = ",".join(f"{draw.gauss(0, 1):.5f}" for _ in range(3))
                state = draw.choice("xyz")
                file.write(f"s{number},{area:.4f},{inputs},{state},{draw.gauss(0, 1):.5f},{draw.gauss(3, 2):.5f}\n")


def write_tagged(path):
    draw = random.Random(3)
    with open(path, "w") as file:
        for _ in range(20):
            for _ in range(draw.randint(1, 7)):
                tag = draw.choice(["O", "O", "B-PER"])
                file.write(f"{'Anna' if tag != 'O' else 'word'}{draw.randint(0, 9)} {tag}\n")
            file.write("\n")


class Corpora:
    """`texts` has a class per sequence of symbols, `states` a class per step of real values, `values` real values per
    step, `tagged` a tag per word."""

    def __init__(self, program, folder):
        self.program, self.folder = program, folder
        write_texts(f"{folder}/texts.tsv")
        write_rows(f"{folder}/rows.csv")
        write_tagged(f"{folder}/tagged.conll")
        program.run("prepare", "text", "--train", f"{folder}/texts.tsv", "--format", "tsv", "--header", "no",
                    "--label-column", 1, "--text-column", 2, "--min-count", 1, "--out", f"{folder}/texts")  # fmt: skip
        program.run("prepare", "text", "--task", "tag", "--train", f"{folder}/tagged.conll", "--out", f"{folder}/tagged")
        rows = ["prepare", "arrays", "--train", f"{folder}/rows.csv", "--sequence-column", "name", "--target-per", "step"]
        program.run(*rows, "--input-columns", "a,b,c", "--target-columns", "state", "--out", f"{folder}/states")
        program.run(*rows, "--input-columns", "a,b,c", "--static-columns", "area", "--target-columns", "first,second",
                    "--target", "real", "--out", f"{folder}/values")  # fmt: skip

    def train(self, run, corpus, *settings, steps=3):
        words = [word for setting in (*SETTINGS, *settings) for word in ("--set", setting)]
        self.program.run("train", "--corpus", f"{self.folder}/{corpus}", "--run", f"{self.folder}/{run}", "--steps",
                         steps, *words)  # fmt: skip
        return f"{self.folder}/{run}"

    def sequences(self, corpus, field=None):
        """The inputs of the training sequences, [steps, width], by sample id; those of one field, by default the first."""
        field = field or ("words" if corpus == "tagged" else "inputs")
        found = {}
        for name in sorted(glob.glob(f"{self.folder}/{corpus}/train-*.h5")):
            with h5py.File(name, "r") as file:
                offsets, inputs = file["offsets"][...], file[field][...]
                for i, sample in enumerate(file["sample_ids"][...]):
                    rows = inputs[offsets[i] : offsets[i + 1]]
                    found[int(sample)] = rows.reshape(len(rows), -1)
        return found

    def scores(self, run, corpus, name="logits.h5"):
        """The scores of `predict --logits` by sample id: rows by columns."""
        path = f"{self.folder}/{name}"
        self.program.run("predict", "--run", run, "--corpus", f"{self.folder}/{corpus}", "--split", "train", "--logits",
                         path)  # fmt: skip
        with h5py.File(path, "r") as file:
            offsets, logits = file["offsets"][...], file["logits"][...]
            return {int(s): logits[offsets[i] : offsets[i + 1]] for i, s in enumerate(file["sample_ids"][...])}


class ScoredCase(unittest.TestCase):
    """Tests of one folder with the corpora, `cls.corpora`."""

    program = None  # the Program; to be set before the tests run

    @classmethod
    def setUpClass(cls):
        holder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(holder.cleanup)
        cls.folder = holder.name
        cls.corpora = Corpora(cls.program, cls.folder)
