"""The metric of a task at validation: macro F1 and RMSE are the figures of evaluate to the last bit, on any number of
ranks and threads and across a stop; the best checkpoint goes by them; and metrics that a model lacks are refused."""

import math
import os
import random
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from corpus_case import CorpusCase
from program import Program, state_of

STEPS, EVERY = 12, 4


def weather(count, seed):
    """Rows of stations: soil is a leaky sum of rain, and each day and each station has a class of its own."""
    draw = random.Random(seed)
    lines = ["station,day,rain,soil,depth,state,site\n"]
    for station in range(count):
        store, site = 0.0, draw.choice(["hill", "vale", "shore"])
        for day in range(draw.randint(2, 12)):
            rain = draw.expovariate(2 if site == "hill" else 1)
            store = 0.5 * store + rain
            state = "wet" if store > 2 else "dry" if store < 0.7 else "damp"
            lines.append(f"s{station},{day},{rain:.4f},{100 * store:.4f},{5 + store / 10:.4f},{state},{site}\n")
    return lines


def settings(**keys):
    return [word for key, value in keys.items() for word in ("--set", f"{key.replace('__', '.')}={value}")]


IN_PARTS = settings(train__bptt_steps=3, model__bidirectional="false")


class ValidationMetricTest(CorpusCase):
    settings = settings(model__hidden_size=6, model__dropout=0.1, batch__sequences=16, batch__slots=6,
                        schedule__learning_rate=0.02, checkpoint__every=EVERY, validation__every=EVERY)  # fmt: skip

    def prepare(self, targets):
        train = self.write("train.csv", weather(90, 1))
        test = self.write("test.csv", weather(20, 2))
        PROGRAM.run("prepare", "arrays", "--train", train, "--test", test, "--valid-fraction", 0.3, "--sequence-column",
                    "station", "--time-column", "day", "--input-columns", "rain", "--target-columns", targets, "--out",
                    f"{self.folder}/corpus")  # fmt: skip

    def check(self, metric, evaluated, *more):
        """The validations of a run whose best checkpoint is chosen by `metric`, which evaluate calls `evaluated`."""
        more = [*settings(validation__metric=metric), *more]
        self.check_same_bits(STEPS, *more)
        whole = self.train("whole", 1, STEPS, *more)
        self.assertEqual(self.train("threads", 1, STEPS, "--threads", 3, *more), whole)
        found = [line for line in whole[1] if line["kind"] == "validation"]
        self.assertEqual([line["step"] for line in found], list(range(EVERY, STEPS + 1, EVERY)))
        for ranks in (1, 3):
            report = self.evaluate("whole", ranks, "--split", "valid")
            self.assertEqual(report[evaluated], found[-1][metric], f"{ranks} ranks")
            self.assertEqual(report["loss"], found[-1]["loss"])
        self.check_best(found, metric)
        return found, report

    def check_best(self, found, metric):
        sign = -1 if metric == "f1" else 1
        best = None
        for line in found:
            is_best = best is None or sign * line[metric] < sign * best[metric]
            self.assertEqual(line["best"], is_best)
            best = line if is_best else best
        state = state_of(f"{self.folder}/whole")
        self.assertEqual(state["best_step"], best["step"])
        self.assertAlmostEqual(state["best_error"], 1 - best["f1"] if metric == "f1" else best["rmse"], 12)

    def test_macro_f1_of_a_class_per_sequence(self):
        self.prepare("site")
        self.check("f1", "macro_f1")
        with open(f"{self.folder}/whole/log.txt") as file:
            self.assertRegex(file.read(), r"validation at step 4: loss [\d.]+, accuracy [\d.]+ %, macro F1 [\d.]+ %")

    def test_macro_f1_of_a_class_per_step(self):
        self.prepare("state")
        self.check("f1", "macro_f1")

    def test_macro_f1_of_sequences_in_parts(self):
        self.prepare("state")
        self.check("f1", "macro_f1", *IN_PARTS)

    def test_macro_f1_of_the_best_label_sequences_of_a_random_field(self):
        self.prepare("state")
        self.check("f1", "macro_f1", *settings(model__head="crf"))

    def test_rmse_of_a_target_per_step_is_in_the_units_of_the_table(self):
        self.prepare("soil")
        _, report = self.check("rmse", "rmse")
        self.assertAlmostEqual(report["rmse"] / report["targets"][0]["rmse"], 1, 12)
        self.assertGreater(report["rmse"], 10, "soil has a standard deviation of about 100")
        with open(f"{self.folder}/whole/log.txt") as file:
            self.assertRegex(file.read(), r"validation at step 4: loss [\d.]+, RMSE \d+\.\d+")

    def test_rmse_of_several_targets_is_over_all_values(self):
        self.prepare("soil,depth")
        _, report = self.check("rmse", "rmse", *settings(model__loss="absolute"), *IN_PARTS)
        squares = sum(target["count"] * target["rmse"] ** 2 for target in report["targets"])
        self.assertAlmostEqual(report["rmse"] / math.sqrt(squares / report["labels"]), 1, 12)

    def test_a_metric_is_reported_whatever_chooses_the_best(self):
        self.prepare("state")
        _, metrics = self.train("run", 0, EVERY)
        self.assertIn("f1", metrics[-1])

    def refused(self, metric):
        return self.refused_with(validation__metric=metric)

    def refused_with(self, **values):
        text = PROGRAM.run("train", "--corpus", f"{self.folder}/corpus", "--run", f"{self.folder}/none", "--steps", 1,
                           *settings(**values), code=64)  # fmt: skip
        self.assertFalse(os.path.exists(f"{self.folder}/none"), "refused before anything is made")
        return text

    def test_a_metric_that_the_head_lacks_is_refused(self):
        self.prepare("state")
        self.assertIn('validation.metric is "rmse", but the corpus has no real-valued targets', self.refused("rmse"))
        self.assertIn("allowed are loss, accuracy, f1", self.refused("wer"))
        os.rename(f"{self.folder}/corpus", f"{self.folder}/other")
        self.prepare("soil")
        self.assertIn("the corpus has no class per step or per sequence", self.refused("f1"))
        self.assertIn("allowed are loss, rmse", self.refused("accuracy"))
        self.assertIn("the model does not write targets of their own length", self.refused("bleu"))
        self.assertIn("allowed are loss, accuracy, wer, f1, micro_f1, frame_accuracy, rmse, perplexity and bleu", self.refused("f2"))

    def test_what_the_targets_cannot_have_is_refused(self):
        self.prepare("soil")
        for weights in ("balanced", "1,2"):
            self.assertIn("the targets of the corpus (kind \"arrays\") are real values: set it to none",
                          self.refused_with(model__class_weights=weights))  # fmt: skip
        self.assertIn('its field "targets" has a row for each of them: set data.stack = 1', self.refused_with(data__stack=2))


if __name__ == "__main__":
    CorpusCase.program = PROGRAM = Program(os.path.abspath(sys.argv.pop(1)))
    unittest.main(verbosity=2)
