"""Runs that explode with clipping off are named as such, before or at their end, and healthy ones are not.

    explosion_test.py LOCKSTEP [--full]
"""

import os
import re
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from program import Program, metrics_of

PROGRAM = FULL = None
SMALL = ["model.hidden_size=8", "model.embedding_size=4", "batch.sequences=8", "log.every=1"]
OFF, SGD = "clip.mode=off", "optimizer.name=sgd"
EXPLODING = {
    "an update too long": [OFF, SGD, "schedule.learning_rate=30"],
    "far too long": [OFF, SGD, "schedule.learning_rate=1e3"],
    "longer and longer": [OFF, SGD, "schedule.learning_rate=1e4", "schedule.warmup_steps=1000"],
    "Adam, too long": [OFF, "optimizer.name=adam", "schedule.learning_rate=3"],
    "out of range at once": [OFF, SGD, "schedule.learning_rate=1e30"],
}
HEALTHY = {
    "Adam": [OFF, "schedule.learning_rate=0.01"],
    "SGD": [OFF, SGD, "schedule.learning_rate=0.5"],
    "overfitted": [OFF, "model.hidden_size=48", "schedule.learning_rate=0.02", "train.steps=2500"],
    "a large rate": [OFF, "schedule.learning_rate=0.1"],
    "adaptive clipping": ["clip.mode=adaptive", "schedule.learning_rate=0.02"],
}


class ExplosionTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.shared = tempfile.TemporaryDirectory()
        cls.corpus = f"{cls.shared.name}/corpus"
        PROGRAM.run("prepare", "dna", "--synthetic", 2000, "--window", 50, "--out", cls.corpus)

    @classmethod
    def tearDownClass(cls):
        cls.shared.cleanup()

    def train(self, settings, cell):
        """Output, and the step losses."""
        run = tempfile.mkdtemp(dir=self.shared.name)
        words = ["train", "--corpus", self.corpus, "--run", run]
        for setting in [*SMALL, f"model.cell={cell}", "train.steps=400", *settings]:
            words += ["--set", setting]
        text = PROGRAM.run(*words, code=None)
        return text, [line["loss"] for line in metrics_of(run) if line["kind"] == "step"]

    def expect(self, runs, cells, explodes):
        for cell in cells:
            for name, settings in runs.items():
                with self.subTest(cell=cell, run=name):
                    text, losses = self.train(settings, cell)
                    told = re.findall(r"exploding gradient: [^;]*", text)
                    self.assertEqual(bool(told), explodes, text)
                    if explodes:
                        self.assertRegex(text, r"set clip.mode = \"fixed\" with clip.max_norm about [0-9.]+")
                    print(f"{cell}, {name}: {len(losses)} steps: {told[:1]}", flush=True)

    def test_exploding_runs_are_named(self):
        cells = ["rnn_tanh", "rnn_relu", "gru", "lstm"] if FULL else ["rnn_relu", "lstm"]
        self.expect(EXPLODING, cells, True)

    def test_healthy_runs_are_left_alone(self):
        # A ReLU network without gates explodes with some of these, too.
        self.expect(HEALTHY, ["rnn_tanh", "gru", "lstm"] if FULL else ["gru"], False)


if __name__ == "__main__":
    FULL = "--full" in sys.argv
    sys.argv = [word for word in sys.argv if word != "--full"]
    PROGRAM = Program(os.path.abspath(sys.argv.pop(1)))
    unittest.main(verbosity=2)
