"""What `export --format onnx` writes gives the scores of `predict --logits`: by a small interpreter of the tests' own,
always, and by ONNX Runtime and its checker where they are installed. Sequences of different lengths stand side by side;
models that come in parts carry their states. What ONNX cannot express is refused by its name."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import numpy
from onnx_file import OnnxFile
from program import Program
from scored_corpora import ScoredCase

try:
    import onnxruntime
except ImportError:
    onnxruntime = None
try:
    import onnx
except ImportError:
    onnx = None

TOLERANCE = 1e-5  # of the largest score; float32 rounding, the sums run in another order
POOLS = "last+middle+mean+max+attention"
CASES = {
    "lstm, two directions, all poolings": ("texts", ["model.cell=lstm", "model.layers=2", "model.bidirectional=true",
                                                     f"model.pooling={POOLS}", "model.dense_layers=1"]),
    "gru, one direction, pooled": ("texts", ["model.cell=gru", "model.pooling=last+mean"]),
    "gru, reset after, residual": ("states", ["model.cell=gru", "model.layers=3", "model.residual=true"]),
    "gru, reset before, two directions": ("states", ["model.cell=gru_reset_before", "model.bidirectional=true"]),
    "lstm, look-ahead": ("states", ["model.cell=lstm", "model.layers=2", "model.lookahead=1,2", "model.residual=true"]),
    "rnn of frames, convolution": ("states", ["model.cell=rnn_tanh", "model.conv_channels=5", "model.layers=2",
                                              "model.bidirectional=true"]),
    "rnn of real values": ("values", ["model.cell=rnn_relu", "model.dense_layers=2", "model.dense_size=4"]),
    "no recurrent layer": ("values", ["model.layers=0", "model.dense_layers=1"]),
    "running averages": ("states", ["model.cell=lstm", "train.average_weights=ema"]),
}  # fmt: skip


class OnnxTest(ScoredCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if onnxruntime is None:
            print("skipped: ONNX Runtime is not installed (pip install onnxruntime); the tests' own interpreter serves")

    def export(self, run, *more):
        path = f"{run}{''.join(more)}.onnx"
        PROGRAM.run("export", "--run", run, "--format", "onnx", "--out", path, *more)
        return path

    def outputs(self, path, feeds):
        """The outputs by name, after those of all programs were compared."""
        found = OnnxFile(path).run(feeds)
        if onnx is not None:
            onnx.checker.check_model(onnx.load(path), full_check=True)
        if onnxruntime is not None:
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = 1
            session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
            others = dict(zip(found, session.run(list(found), feeds)))
            for name, values in others.items():
                self.expect_close(values, found[name])
            return others
        return found

    def expect_close(self, found, expected):
        self.assertEqual(found.shape, expected.shape)
        self.assertLessEqual(numpy.abs(found - expected).max(), TOLERANCE * max(1, numpy.abs(expected).max()))

    def feeds(self, corpus):
        """All sequences side by side, [T, B, width], with what should not matter beyond their ends; their lengths; and
        their ids."""
        inputs = self.corpora.sequences(corpus)
        lengths = numpy.array([len(x) for x in inputs.values()], "<i4")
        rows = list(inputs.values())
        values = numpy.full((lengths.max(), len(rows), rows[0].shape[1]), 1, rows[0].dtype)
        for b, row in enumerate(rows):
            values[: len(row), b] = row
        feeds = {"inputs": values.squeeze(2).astype("<i8") if corpus == "texts" else values, "lengths": lengths}
        return feeds, list(inputs)

    def test_scores_are_those_of_predict(self):
        for name, (corpus, settings) in CASES.items():
            with self.subTest(case=name):
                run = self.corpora.train(name.replace(" ", "-"), corpus, *settings)
                feeds, samples = self.feeds(corpus)
                found = self.outputs(self.export(run), feeds)["logits"]
                expected = self.corpora.scores(run, corpus, f"{name}.h5")
                for b, (sample, steps) in enumerate(zip(samples, feeds["lengths"])):
                    rows = found[b : b + 1] if corpus == "texts" else found[:steps, b]
                    self.expect_close(rows, expected[sample])

    def test_a_conditional_random_field_gives_emissions_and_transitions(self):
        """Their forward-backward sums are the marginal probabilities that predict writes."""
        run = self.corpora.train("field", "states", "model.head=crf", steps=8)
        feeds, samples = self.feeds("states")
        found = self.outputs(self.export(run), feeds)
        expected = self.corpora.scores(run, "states", "field.h5")
        for b, (sample, steps) in enumerate(zip(samples, feeds["lengths"])):
            scores = found["emissions"][:steps, b].astype("f8")
            alpha, beta = [found["start"] + scores[0]], [found["end"].astype("f8")]
            for t in range(1, steps):
                alpha.append(numpy.logaddexp.reduce(alpha[-1][:, None] + found["transitions"], 0) + scores[t])
                beta.append(numpy.logaddexp.reduce(found["transitions"] + scores[steps - t] + beta[-1], 1))
            rows = numpy.array(alpha) + numpy.array(beta[::-1])
            self.expect_close(rows - numpy.logaddexp.reduce(rows, 1)[:, None], expected[sample].astype("f8"))

    def test_parts_with_carried_states_are_the_whole(self):
        for cell in ("lstm", "gru", "gru_reset_before"):
            with self.subTest(cell=cell):
                run = self.corpora.train(f"parts-{cell}", "states", f"model.cell={cell}", "model.layers=2")
                path, arrays = self.export(run, "--stream"), 4 if cell == "lstm" else 2
                expected = self.corpora.scores(run, "states", f"{cell}.h5")
                for sample, inputs in list(self.corpora.sequences("states").items())[:8]:
                    states, rows = numpy.zeros((arrays, 1, 7), "<f4"), []
                    for part in filter(len, (inputs[:1], inputs[1:3], inputs[3:])):
                        found = self.outputs(path, {"inputs": part[:, None], "states": states})
                        states = found["next_states"]
                        rows.append(found["logits"][:, 0])
                    self.expect_close(numpy.concatenate(rows), expected[sample])

    def test_taggers_that_read_no_characters_are_exported(self):
        """With the shapes of words and without; ids beyond the ends of sentences may be -1, the last row."""
        for name, settings in (("words", ["model.shape_size=0"]), ("shapes", ["model.shape_size=3", "model.bidirectional=true"])):
            with self.subTest(case=name):
                run = self.corpora.train(name, "tagged", "model.characters=none", "model.cell=lstm", "model.head=softmax", *settings)
                fields = ["words", "shapes"][: 1 + (name == "shapes")]
                sequences = {field: self.corpora.sequences("tagged", field) for field in fields}
                lengths = numpy.array([len(x) for x in sequences["words"].values()], "<i4")
                feeds = {"lengths": lengths}
                for field, inputs in sequences.items():
                    feeds[field] = numpy.full((lengths.max(), len(lengths)), -1, "<i8")
                    for b, row in enumerate(inputs.values()):
                        feeds[field][: len(row), b] = row[:, 0]
                found = self.outputs(self.export(run), feeds)["logits"]
                expected = self.corpora.scores(run, "tagged", f"{name}.h5")
                for b, (sample, steps) in enumerate(zip(sequences["words"], lengths)):
                    self.expect_close(found[:steps, b], expected[sample])
        characters = self.corpora.train("characters", "tagged", steps=1)
        self.refused("lists of their characters", characters)

    def refused(self, text, run, *more):
        self.assertIn(text, PROGRAM.run("export", "--run", run, "--format", "onnx", "--out", f"{self.folder}/no.onnx", *more,
                                        code=64))  # fmt: skip
        self.assertFalse(os.path.exists(f"{self.folder}/no.onnx"))

    def test_what_onnx_cannot_express_is_named(self):
        normalised = self.corpora.train("normalised", "states", "model.cell=gru_ln", "model.zoneout=0.1", steps=1)
        self.refused('cannot express model.cell = "gru_ln"', normalised)
        self.refused("nor model.zoneout", normalised)
        both = self.corpora.train("both", "states", "model.bidirectional=true", steps=1)
        self.refused("--stream is for models of one direction", both, "--stream")
        self.assertIn("--stream is for --format onnx", PROGRAM.run("export", "--run", both, "--format", "safetensors",
                                                                   "--stream", "--out", "no", code=64))  # fmt: skip


if __name__ == "__main__":
    ScoredCase.program = PROGRAM = Program(sys.argv.pop(1))
    unittest.main()
