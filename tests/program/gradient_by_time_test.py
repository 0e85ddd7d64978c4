"""log.gradient_by_time: the same lines on any number of ranks and threads and after a stop, without a change of training,
and for losses at the end of a sequence as well as in each step. The figures themselves are compared with finite
differences in tests/worker/layers/gradient_trace_test.cc."""

import os
import random
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from corpus_case import CorpusCase
from program import Program

STEPS = 10


def settings(**keys):
    return [word for key, value in keys.items() for word in ("--set", f"{key.replace('__', '.')}={value}")]


TRACED = settings(log__gradient_by_time=5)


def rows(count):
    """Sequences of 3 to 90 steps with a class per step and one per sequence."""
    draw = random.Random(1)
    lines = ["name,x,step,whole\n"]
    for number in range(count):
        whole = draw.choice("ab")
        for _ in range(draw.randint(3, 90)):
            x = draw.gauss(0, 1)
            lines.append(f"s{number},{x:.4f},{'up' if x > 0 else 'down'},{whole}\n")
    return lines


class GradientByTimeTest(CorpusCase):
    settings = settings(model__hidden_size=6, model__layers=2, batch__sequences=12, batch__slots=6, model__dropout=0.2,
                        log__every=5)  # fmt: skip

    def prepare(self, target):
        PROGRAM.run("prepare", "arrays", "--train", self.write("train.csv", rows(60)), "--test-fraction", 0.2,
                    "--sequence-column", "name", "--input-columns", "x", "--target-columns", target, "--out",
                    f"{self.folder}/corpus")  # fmt: skip

    def traced(self, *more):
        """The lines of a run, the same on ranks, threads and after a stop, without a change of what else is there."""
        whole = self.train("whole", 0, STEPS, "--threads", 3, *TRACED, *more)
        self.train("stopped", 3, STEPS // 2 + 1, *TRACED, *more)
        self.assertEqual(self.train("stopped", 2, STEPS, *TRACED, *more), whole)
        plain = self.train("plain", 0, STEPS, *more)
        found = [line for line in whole[1] if line["kind"] == "gradient_by_time"]
        self.assertEqual((whole[0], [line for line in whole[1] if line not in found]), plain)
        self.assertEqual([line["step"] for line in found], [5, 10])
        for line in found:
            distances = line["distance"]
            self.assertEqual(distances[:64], list(range(min(64, len(distances)))))
            self.assertEqual(len(line["sequences"]), len(distances))
            self.assertLessEqual(line["sequences"][0], 12)
            self.assertEqual(line["sequences"], sorted(line["sequences"], reverse=True))
            for layer in line["layers"]:
                self.assertEqual(len(layer["hidden"]), len(distances))
                self.assertGreater(layer["hidden"][0], 0)
        return found

    def test_of_a_class_per_sequence_both_directions_are_traced(self):
        self.prepare("whole")
        for line in self.traced(*settings(model__cell="lstm", model__pooling="last")):
            self.assertEqual([(s["layer"], s["direction"]) for s in line["layers"]],
                             [(0, "forward"), (0, "reverse"), (1, "forward"), (1, "reverse")])  # fmt: skip
            top = line["layers"][2]
            self.assertEqual(len(top["memory"]), len(top["hidden"]))
            self.assertEqual(top["memory"][0], 0, "no step comes after the last one")
            self.assertGreater(top["memory"][1], 0)

    def test_of_a_class_per_step_the_last_target_counts_and_the_forward_direction_is_traced(self):
        self.prepare("step")
        for line in self.traced(*settings(model__cell="gru")):
            self.assertEqual([(s["layer"], s["direction"]) for s in line["layers"]], [(0, "forward"), (1, "forward")])
            self.assertNotIn("memory", line["layers"][0])

    def test_of_parts_no_gradient_goes_beyond_the_part(self):
        self.prepare("step")
        for line in self.traced(*settings(model__cell="rnn_tanh", model__bidirectional="false", train__bptt_steps=7)):
            self.assertLessEqual(len(line["distance"]), 7)


if __name__ == "__main__":
    CorpusCase.program = PROGRAM = Program(os.path.abspath(sys.argv.pop(1)))
    unittest.main(verbosity=2)
