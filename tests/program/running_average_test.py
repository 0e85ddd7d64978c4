"""Running averages of the parameters (train.average_weights) and rates that drop on a plateau: against numpy over the
parameters of every step, the same bits on any number of ranks and threads and after stops, and what evaluate takes."""

import json
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from corpus_case import CorpusCase
from program import Program, checkpoints_of, h5py, state_of

STEPS, EVERY = 14, 2
# Values and averages are rounded to float32 in each step.
TOLERANCE = 2e-6


def settings(**keys):
    return [word for key, value in keys.items() for word in ("--set", f"{key.replace('__', '.')}={value}")]


EMA = settings(train__average_weights="ema", train__average_decay=0.8)
MEAN = settings(train__average_weights="mean", train__average_from=3)
# A rate that makes validations worse soon.
PLATEAU = settings(train__average_weights="mean_on_plateau", train__average_patience=1, schedule__learning_rate=0.5)
AVERAGED = settings(validation__average="true")
ALL = settings(checkpoint__every=1, checkpoint__keep=0)


class RunningAverageTest(CorpusCase):
    settings = settings(model__hidden_size=6, model__embedding_size=4, batch__sequences=8, batch__slots=6,
                        optimizer__name="sgd", schedule__learning_rate=0.3, checkpoint__every=5,
                        validation__every=EVERY, log__every=1)  # fmt: skip

    def setUp(self):
        super().setUp()
        PROGRAM.run("prepare", "dna", "--synthetic", 3000, "--window", 50, "--out", f"{self.folder}/corpus")

    def stored(self, run):
        """By step: the parameters, and their average."""
        found = {}
        for name in checkpoints_of(f"{self.folder}/{run}"):
            with h5py.File(f"{self.folder}/{run}/checkpoints/{name}") as file:
                values = {k: v[()].astype("float64") for k, v in file.items() if isinstance(v, h5py.Dataset)}
                averages = {k: v[()].astype("float64") for k, v in file["optimizer/average"].items()}
                self.assertEqual(set(values), set(averages))
                found[int(name[5:17])] = (values, averages)
        return found

    def expect_averages(self, run, share_of):
        average = None
        for step, (values, averages) in sorted(self.stored(run).items()):
            share = share_of(step)
            average = average or values
            average = {k: average[k] + share * (values[k] - average[k]) for k in values}
            for name, wanted in average.items():
                self.assertLess(abs(averages[name] - wanted).max(), TOLERANCE, f"step {step}, {name}")

    def test_each_checkpoint_holds_the_moving_average_of_numpy(self):
        self.train("run", 0, STEPS, *EMA, *ALL)
        self.expect_averages("run", lambda step: 1 if step == 1 else 1 - min(0.8, (1 + step) / (10 + step)))

    def test_each_checkpoint_holds_the_mean_of_numpy(self):
        self.train("run", 0, STEPS, *MEAN, *ALL)
        self.expect_averages("run", lambda step: 1 / max(1, step - 3))

    def test_the_mean_that_waits_for_a_plateau_begins_there(self):
        self.train("run", 0, 3 * STEPS, *PLATEAU, *ALL)
        begin = state_of(f"{self.folder}/run")["average"]["from"]
        self.assertGreater(begin, 2 * EVERY - 1)
        self.assertEqual(begin % EVERY, 0)
        self.expect_averages("run", lambda step: 1 / max(1, step - begin))
        with open(f"{self.folder}/run/log.txt") as file:
            self.assertIn(f"the mean of the parameters begins after step {begin}", file.read())

    def test_a_mean_that_never_began_is_no_average(self):
        text = PROGRAM.run("train", "--corpus", f"{self.folder}/corpus", "--run", f"{self.folder}/run", "--steps", 5,
                           *self.settings, *settings(train__average_weights="mean", train__average_from=5))  # fmt: skip
        self.assertIn("warning: ", text)
        self.assertIn("the running average (mean) at step 5, which had not begun by then", text)

    def average(self, run):
        """The arrays of average.h5 and its state, without the number of threads."""
        with h5py.File(f"{self.folder}/{run}/checkpoints/average.h5") as file:
            state = json.loads(file["lockstep/state"][()])
            arrays = {name: array[()].tobytes() for name, array in file.items() if isinstance(array, h5py.Dataset)}
        del state["config"]["train.threads"]
        return state, arrays

    def test_ranks_threads_and_stops_change_no_bit(self):
        for name, kind in (("ema", EMA), ("plateau", PLATEAU)):
            more = [*kind, *AVERAGED, *settings(schedule__name="plateau", schedule__patience=0)]
            whole = self.train(f"{name}-whole", 0, STEPS, "--threads", 3, *more)
            self.train(f"{name}-stopped", 3, STEPS // 2 + 1, *more)
            self.assertEqual(self.train(f"{name}-stopped", 2, STEPS, *more), whole)
            self.assertEqual(self.average(f"{name}-stopped"), self.average(f"{name}-whole"))

    def test_training_does_not_depend_on_the_average(self):
        plain = self.train("plain", 0, STEPS)
        self.assertEqual(self.train("averaged", 0, STEPS, *EMA), plain)

    def evaluation(self, *words):
        text = PROGRAM.run("evaluate", "--run", f"{self.folder}/run", "--corpus", f"{self.folder}/corpus", "--split",
                           "valid", "--json", *words)  # fmt: skip
        return json.loads(next(line for line in text.splitlines() if line.startswith("{")))

    def test_evaluate_takes_what_validations_used_or_what_is_asked_for(self):
        _, metrics = self.train("run", 0, STEPS, *EMA, *AVERAGED)
        losses = {line["step"]: line["loss"] for line in metrics if line["kind"] == "validation"}
        best = state_of(f"{self.folder}/run")["best_step"]
        found = self.evaluation("--checkpoint", "best")
        self.assertEqual((found["step"], found["loss"]), (best, losses[best]))
        self.assertEqual((found["averaged_by"], found["averaged_steps"]), ("ema", [best]))
        last = self.evaluation("--checkpoint", "newest", "--weights", "last")
        self.assertNotIn("averaged_by", last)
        self.assertNotEqual(last["loss"], losses[STEPS])
        written = self.evaluation("--checkpoint", "average")
        self.assertEqual(written["loss"], losses[STEPS])
        newest = self.evaluation("--checkpoint", "newest", "--weights", "average")
        self.assertEqual(newest["parameters_hash"], written["parameters_hash"])
        text = PROGRAM.run("evaluate", "--run", f"{self.folder}/run", "--corpus", f"{self.folder}/corpus")
        self.assertIn(f"(the running average (ema) at step {best})", text)

    def test_validations_use_the_average_of_models_of_several_pieces(self):
        """More parameters than the 65536 that one rank sends at once (worker/comm/piece_plan.h)."""
        _, metrics = self.train("run", 0, 4, *EMA, *AVERAGED, *settings(model__hidden_size=120))
        validations = [line for line in metrics if line["kind"] == "validation"]
        found = self.evaluate("run", 0, "--split", "valid", "--weights", "average")
        self.assertEqual(found["loss"], validations[-1]["loss"])

    def test_without_averaged_validations_the_parameters_of_the_step_are_taken(self):
        _, metrics = self.train("run", 0, STEPS, *EMA)
        found = self.evaluation("--checkpoint", "newest")
        self.assertEqual(found["loss"], metrics[-1]["loss"])
        self.assertNotIn("averaged_by", found)

    def refused(self, message, *words):
        self.assertIn(message, PROGRAM.run("train", "--corpus", f"{self.folder}/corpus", "--run", f"{self.folder}/no",
                                           "--steps", 1, *words, code=64))  # fmt: skip

    def test_what_does_not_go_together_is_refused(self):
        self.refused("train.average is 1 and train.average_weights is ema; both write average.h5", *EMA,
                     *settings(train__average=1))  # fmt: skip
        self.refused("validation.average is true; it needs train.average_weights", *AVERAGED)
        self.refused("allowed are off, ema, mean and mean_on_plateau", *settings(train__average_weights="swa"))
        self.refused("allowed are loss and metric", *settings(schedule__plateau_by="f1"))
        self.train("run", 0, 2)
        said = PROGRAM.run("evaluate", "--run", f"{self.folder}/run", "--corpus", f"{self.folder}/corpus", "--weights",
                           "average", code=64)  # fmt: skip
        self.assertIn("holds no running average of its parameters; train with train.average_weights", said)

    def test_a_rate_drops_when_validations_get_no_better(self):
        _, metrics = self.train("run", 0, 3 * STEPS, *settings(schedule__name="plateau", schedule__patience=0,
                                schedule__factor=0.25, schedule__learning_rate=0.8, schedule__lowest=0.1))  # fmt: skip
        rates = [line["learning_rate"] for line in metrics if line["kind"] == "step"]
        validations = [line["loss"] for line in metrics if line["kind"] == "validation"]
        best, drops = validations[0], 0
        for number, loss in enumerate(validations, 1):
            if number > 1 and loss >= best * (1 - 1e-4):
                drops += 1
            best = min(best, loss)
            for rate in rates[number * EVERY:(number + 1) * EVERY]:
                self.assertEqual(rate, max(0.1, 0.8 * 0.25**drops))
        self.assertGreater(drops, 1)
        with open(f"{self.folder}/run/log.txt") as file:
            self.assertIn("the learning rate goes from 0.8 to 0.2", file.read())


if __name__ == "__main__":
    CorpusCase.program = PROGRAM = Program(os.path.abspath(sys.argv.pop(1)))
    unittest.main(verbosity=2)
