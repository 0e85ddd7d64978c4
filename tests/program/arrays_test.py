"""Numbers from a table or arrays of one's own to predictions: every kind of target gives the same bits on 1, 2 and 3
ranks and across a stop, what is predicted is in the user's units, and errors name file, line and column."""

import csv
import json
import math
import os
import pathlib
import random
import re
import shutil
import sys
import unittest

import h5py
import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from corpus_case import CorpusCase
from program import Program

SETTINGS = [word for setting in (
    "model.hidden_size=8", "model.dropout=0.1", "batch.sequences=16", "batch.slots=6", "schedule.learning_rate=0.02",
    "checkpoint.every=7", "log.every=1") for word in ("--set", setting)]  # fmt: skip
VECTORS = ["--set", "model.layers=0", "--set", "model.dropout=0", "--set", "model.dense_layers=2", "--set",
           "model.dense_size=8"]  # fmt: skip


def rivers(count, seed):
    """Rows of basins: discharge is a leaky sum of the rain times the area; it is a flood where it is high."""
    draw = random.Random(seed)
    lines = ["basin,day,rain,temperature,area,station,discharge,flood,size,mean_rain\n"]
    for basin in range(count):
        area, store = draw.uniform(1, 5), 0.0
        rain = [draw.expovariate(1) for _ in range(draw.randint(2, 12))]
        for day, fallen in enumerate(rain):
            store = 0.5 * store + fallen
            lines.append(f"b{basin},{day},{fallen:.4f},{draw.gauss(10, 5):.2f},{area:.3f},s{basin},{100 * store * area:.4f},"
                         f"{'yes' if store > 1.5 else 'no'},{'large' if area > 3 else 'small'},"
                         f"{50 * sum(rain) / len(rain):.4f}\n")  # fmt: skip
    return lines


def points(count, seed):
    draw = random.Random(seed)
    lines = ["a;b;sum;side\n"]
    for _ in range(count):
        a, b = draw.gauss(0, 1), draw.gauss(0, 100)
        lines.append(f"{a:.5f};{b:.4f};{1000 + 10 * a + b / 10:.4f};{int(a > b / 100)}\n")
    return lines


SEQUENCES = ["--sequence-column", "basin", "--time-column", "day"]
KINDS = {
    "class per sequence": (rivers, [*SEQUENCES, "--input-columns", "rain,area", "--target-columns", "size"], []),
    "class per step": (rivers, [*SEQUENCES, "--input-columns", "rain,temperature", "--target-columns", "flood"], []),
    "real per sequence": (rivers, [*SEQUENCES, "--input-columns", "rain", "--target-columns", "mean_rain"], []),
    "real per step": (rivers, [*SEQUENCES, "--input-columns", "rain", "--static-columns", "area", "--target-columns",
                               "discharge"], []),
    "class of vectors": (points, ["--input-columns", "a,b", "--target-columns", "side", "--target", "class"], VECTORS),
    "real of vectors": (points, ["--input-columns", "a,b", "--target-columns", "sum"], VECTORS),
}  # fmt: skip


class ArraysTest(CorpusCase):
    settings = SETTINGS

    def prepare(self, kind, count=100):
        make, options, _ = KINDS[kind]
        train = self.write("train.csv", make(count, 1))
        test = self.write("test.csv", make(30, 2))
        return PROGRAM.run("prepare", "arrays", "--train", train, "--test", test, "--valid-fraction", 0.1, *options,
                           "--out", f"{self.folder}/corpus")  # fmt: skip

    def predict(self, name, lines, *more):
        out = f"{self.folder}/predictions.csv"
        PROGRAM.run("predict", "--run", f"{self.folder}/run", "--arrays", self.write(name, lines), "--out", out, *more)
        with open(out, newline="") as file:
            return list(csv.DictReader(file))

    def check_bits(self, kind):
        self.prepare(kind)
        return self.check_same_bits(16, *KINDS[kind][2])

    def test_a_class_per_sequence_has_the_same_bits_on_any_ranks(self):
        self.assertEqual(self.check_bits("class per sequence")["sequences"], 30)

    def test_a_class_per_step_has_the_same_bits_on_any_ranks(self):
        found = self.check_bits("class per step")
        self.assertGreater(found["labels"], 30)
        counts = [row["named_as"] for row in found["classes"]]
        self.assertEqual(sum(map(sum, counts)), found["labels"])
        self.assertEqual(counts[0][0] + counts[1][1], found["correct"])

    def test_a_real_target_per_sequence_has_the_same_bits_on_any_ranks(self):
        self.assertEqual(self.check_bits("real per sequence")["labels"], 30)

    def test_a_real_target_per_step_has_the_same_bits_on_any_ranks(self):
        self.assertGreater(self.check_bits("real per step")["labels"], 30)

    def test_vectors_without_recurrent_layers_have_the_same_bits_on_any_ranks(self):
        self.assertEqual(self.check_bits("class of vectors")["labels"], 30)

    def test_real_predictions_are_in_the_units_of_the_table(self):
        self.prepare("real of vectors", 300)
        self.train("run", 0, 150, *VECTORS)
        report, = self.evaluate("run", 0)["targets"]
        self.assertEqual((report["name"], report["count"]), ("sum", 30))
        self.assertLess(report["rmse"], 5)
        self.assertGreater(report["r2"], 0.8)
        lines = points(20, 3)
        rows = self.predict("new.csv", lines)
        self.assertEqual(list(rows[0]), ["sequence", "sum"])
        truths = [float(line.split(";")[2]) for line in lines[1:]]
        errors = [float(row["sum"]) - truth for row, truth in zip(rows, truths, strict=True)]
        self.assertLess(math.sqrt(sum(e * e for e in errors) / len(errors)), 5, "the standard deviation is about 14")

    def test_a_report_shows_real_targets_beside_those_of_the_model(self):
        self.prepare("real of vectors")
        self.train("run", 0, 20, *VECTORS)
        lines = points(30, 2)  # those of the test split
        rows = self.predict("new.csv", lines)
        page = self.report("run", "--split", "test")
        self.assertTrue("<th>sum, true</th><th>sum, model</th>" in page)
        shown = re.findall(r"<tr><td>[^<]*</td><td>([^<]*)</td><td>([^<]*)</td></tr>", page)
        self.assertGreaterEqual(len(shown), 20)
        for (truth, found), line, row in zip(shown[:20], lines[1:], rows):
            self.assertAlmostEqual(float(truth), float(line.split(";")[2]), delta=0.06)  # five digits
            self.assertAlmostEqual(float(found), float(row["sum"]), delta=0.06)

    def test_a_report_draws_real_targets_of_steps(self):
        self.prepare("real per step")
        self.train("run", 0, 5)
        page = self.report("run", "--split", "test")
        self.assertEqual(re.findall(r'aria-label="(b\d+)"', page), ["b0", "b1", "b2"])
        self.assertEqual(page.count('class="unit">discharge</text>'), 3)
        self.assertEqual(page.count(">model</text>"), 3)

    def test_steps_are_predicted_by_name_in_any_order_of_columns(self):
        self.prepare("class per step", 200)
        self.train("run", 0, 60)
        lines = [line.split(",") for line in rivers(5, 3)]
        shuffled = [",".join((row[2], row[0], row[3])) + "\n" for row in lines]  # rain, basin, temperature
        rows = self.predict("new.csv", shuffled)
        self.assertEqual([row["sequence"] for row in rows], [line[0] for line in lines[1:]])
        right = sum(row["class"] == line[7] for row, line in zip(rows, lines[1:], strict=True))
        self.assertGreater(right / len(rows), 0.7)
        text = PROGRAM.run("predict", "--run", f"{self.folder}/run", "--arrays",
                           self.write("bad.csv", ["rian,basin,temperature\n", "1,a,2\n"]), code=65)  # fmt: skip
        self.assertIn('does not have the column "rain" that the model was trained on; did you mean "rian"', text)

    def scores(self):
        """The scores of each sequence of the test split by `predict --logits`, in the order of the table."""
        PROGRAM.run("predict", "--run", f"{self.folder}/run", "--corpus", f"{self.folder}/corpus", "--split", "test",
                    "--logits", f"{self.folder}/logits.h5", "--checkpoint", "newest")  # fmt: skip
        with h5py.File(f"{self.folder}/logits.h5") as file:
            rows = [file["logits"][begin].tolist() for begin in file["offsets"][:-1]]
            return [rows[i] for i in file["sample_ids"][...].argsort()]

    def test_rows_are_joined_to_steps_as_in_training(self):
        for kind in ("class per sequence", "real per sequence"):
            shutil.rmtree(f"{self.folder}/corpus", ignore_errors=True)
            self.prepare(kind)
            for stack, stride in ((3, 2), (1, 3), (4, 1)):
                with self.subTest(kind, stack=stack, stride=stride):
                    for name in ("predictions.csv", "logits.h5"):
                        pathlib.Path(self.folder, name).unlink(missing_ok=True)
                    shutil.rmtree(f"{self.folder}/run", ignore_errors=True)
                    self.train("run", 0, 10, "--set", f"data.stack={stack}", "--set", f"data.stride={stride}")
                    rows = self.predict("new.csv", rivers(30, 2), "--checkpoint", "newest")  # the test split
                    self.check_classes(rows) if kind == "class per sequence" else self.check_values(rows)

    def check_classes(self, rows):
        for row, scores in zip(rows, self.scores(), strict=True):
            likely = 1 / sum(math.exp(score - max(scores)) for score in scores)
            self.assertAlmostEqual(float(row["probability"]), likely, delta=6e-5)

    def check_values(self, rows):
        """Their error is that which evaluate reports."""
        truths = [float(line.split(",")[9]) for line in rivers(30, 2)[1:] if line.split(",")[1] == "0"]
        errors = [float(row["mean_rain"]) - truth for row, truth in zip(rows, truths, strict=True)]
        rmse = math.sqrt(sum(e * e for e in errors) / len(errors))
        self.assertAlmostEqual(rmse, self.evaluate("run", 0)["targets"][0]["rmse"], delta=1e-3 * rmse)

    def test_a_run_is_evaluated_on_new_tables_in_its_own_scale(self):
        self.prepare("real per step")
        self.train("run", 0, 12)
        report = self.evaluate("run", 0)
        run, other, new = f"{self.folder}/run", f"{self.folder}/other", self.write("new.csv", rivers(30, 2))
        PROGRAM.run("prepare", "arrays", "--like", run, "--test", new, "--out", other)
        os.rename(f"{self.folder}/corpus", f"{self.folder}/first")
        os.rename(other, f"{self.folder}/corpus")
        self.assertEqual(self.evaluate("run", 0), report, "the same rows as those of the first corpus")
        text = PROGRAM.run("prepare", "arrays", "--like", run, "--test", new, "--normalise", "none", "--out", other,
                           code=64)  # fmt: skip
        self.assertIn("--normalise does not go with --like", text)
        _, options, _ = KINDS["real per step"]
        PROGRAM.run("prepare", "arrays", "--train", new, *options, "--out", other)
        text = PROGRAM.run("evaluate", "--run", run, "--corpus", other, "--split", "train", code=64)
        self.assertIn("prepare the corpus again with --like", text)

    def test_a_run_is_evaluated_on_new_arrays_with_lengths_or_offsets(self):
        draw = np.random.default_rng(1)
        x, n = draw.normal(size=(40, 12, 3)), draw.integers(1, 13, size=40)
        rows = np.concatenate([sequence[:length] for sequence, length in zip(x, n)])
        sums = np.array([sequence[:length].sum() for sequence, length in zip(x, n)])
        np.savez(f"{self.folder}/filled.npz", x=x, y=sums, n=n)
        np.savez(f"{self.folder}/rows.npz", x=rows, y=sums, o=np.r_[0, np.cumsum(n)])
        PROGRAM.run("prepare", "arrays", "--train", f"{self.folder}/filled.npz", "--inputs", "x", "--targets", "y",
                    "--lengths", "n", "--target", "real", "--out", f"{self.folder}/corpus")  # fmt: skip
        self.train("run", 0, 6)
        run, found, predicted = f"{self.folder}/run", {}, {}
        for name, more in (("filled", ()), ("rows", ("--test-offsets", "o"))):
            PROGRAM.run("prepare", "arrays", "--like", run, "--test", f"{self.folder}/{name}.npz", "--test-targets", "y",
                        *more, "--out", f"{self.folder}/{name}")  # fmt: skip
            text = PROGRAM.run("evaluate", "--run", run, "--corpus", f"{self.folder}/{name}", "--json")
            found[name] = json.loads(next(line for line in text.splitlines() if line.startswith("{")))["targets"]
            offsets = ("--offsets", "o") if more else ()
            predicted[name] = PROGRAM.run("predict", "--run", run, "--arrays", f"{self.folder}/{name}.npz", *offsets)
        self.assertEqual(found["rows"], found["filled"])
        self.assertEqual(predicted["rows"], predicted["filled"])

    def test_a_table_without_a_header_is_read_by_numbers_of_columns(self):
        lines = [line.replace(";", ",") for line in points(200, 1)]
        for name, more, columns in (("with", (), "side"), ("without", ("--header", "no"), "4")):
            path = self.write(f"{name}.csv", lines[1:] if more else lines)
            PROGRAM.run("prepare", "arrays", "--train", path, "--test-fraction", 0.2, "--target-columns", columns,
                        "--target", "class", *more, "--out", f"{self.folder}/{name}")  # fmt: skip
        PROGRAM.run("train", "--corpus", f"{self.folder}/without", "--run", f"{self.folder}/run", "--steps", 3, *SETTINGS,
                    *VECTORS)  # fmt: skip
        text = [PROGRAM.run("evaluate", "--run", f"{self.folder}/run", "--corpus", f"{self.folder}/without", "--split", split)
                for split in ("train", "test")]  # fmt: skip
        self.assertIn(" of 160 ", text[0])
        self.assertIn(" of 40 ", text[1])
        rows = self.predict("new.csv", lines[1:])
        self.assertEqual(len(rows), 200)
        bad = PROGRAM.run("prepare", "arrays", "--train", f"{self.folder}/without.csv", "--target-columns", "4", "--out",
                          f"{self.folder}/x", code=65)  # fmt: skip
        self.assertIn("or give --header no, which calls the columns 1, 2, ...", bad)

    def test_arrays_without_the_lengths_that_training_had_are_told(self):
        np.save(f"{self.folder}/x.npy", np.ones((4, 5, 2)))
        np.save(f"{self.folder}/y.npy", np.arange(4.0))
        np.save(f"{self.folder}/n.npy", np.array([1, 2, 3, 5]))
        names = [f"{self.folder}/{name}.npy" for name in "xyn"]
        PROGRAM.run("prepare", "arrays", "--inputs", names[0], "--targets", names[1], "--lengths", names[2], "--target",
                    "real", "--out", f"{self.folder}/corpus")  # fmt: skip
        self.train("run", 0, 1)
        predict = ("predict", "--run", f"{self.folder}/run", "--arrays", names[0])
        self.assertIn("the model was trained on sequences with lengths or offsets, and none are given", PROGRAM.run(*predict))
        self.assertNotIn("none are given", PROGRAM.run(*predict, "--lengths", names[2]))

    def test_bad_tables_are_named_with_line_and_column(self):
        lines = rivers(20, 1)
        cases = {
            "text among numbers": (lines[:4] + ["b0,99,wet,1,1,s,1,no,large,1\n"], [], 65, 'bad.csv:5: column "rain"'),
            "a row that ends early": (lines[:7] + ["b9,1\n"], [], 65, "bad.csv:8: the row has 2 cells"),
            "a missing value": (lines[:4] + ["c,0,,1,1,s,1,no,large,1\n"], [], 65, "bad.csv:5; fill them in, or give"),
            "a sequence in two places": (lines + [lines[1].replace(",0,", ",99,", 1)], [], 65, "begins again"),
            "an unknown column": (lines, ["--static-columns", "Aera"], 64, 'did you mean "area"'),
        }  # fmt: skip
        for name, (content, options, code, message) in cases.items():
            with self.subTest(name):
                self.write("bad.csv", content)
                text = PROGRAM.run("prepare", "arrays", "--train", f"{self.folder}/bad.csv", *SEQUENCES, "--target-columns",
                                   "flood", "--input-columns", "rain,temperature", *options, "--out", f"{self.folder}/x",
                                   code=code)  # fmt: skip
                self.assertIn(message, text)

    def test_a_run_of_bases_refuses_arrays(self):
        PROGRAM.run("prepare", "dna", "--synthetic", 4000, "--window", 50, "--out", f"{self.folder}/corpus")
        PROGRAM.run("train", "--corpus", f"{self.folder}/corpus", "--run", f"{self.folder}/dna", "--steps", 1)
        text = PROGRAM.run("predict", "--run", f"{self.folder}/dna", "--arrays", "/dev/null", code=64)
        self.assertIn("not on one of `lockstep prepare arrays`", text)


if __name__ == "__main__":
    CorpusCase.program = PROGRAM = Program(os.path.abspath(sys.argv.pop(1)))
    unittest.main(verbosity=2)
