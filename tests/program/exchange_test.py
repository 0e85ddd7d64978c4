"""Models go to other programs and come back: what `export` writes are the parameters, which PyTorch's modules load as they
are and whose scores are then those of `predict`; `import` makes runs of PyTorch's parameters and of its own exports, that
predict, train on and start other runs; files and options that do not fit are refused with a sentence."""

import json
import os
import struct
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import numpy
import safetensors_file
from program import Program, parameters_of, state_of
from scored_corpora import ScoredCase

try:
    import torch
except ImportError:
    torch = None
try:
    import safetensors.numpy as official
except ImportError:
    official = None

NEEDS_TORCH = unittest.skipIf(torch is None, "PyTorch is missing; install it with launch/setup --tests")
TOLERANCE = 1e-5  # float32 rounding; the sums run in another order
LSTM = ["model.cell=lstm", "model.layers=2", "model.bidirectional=true"]


class Network(torch.nn.Module if torch else object):
    """The members that docs/exchange.md shows; one sequence at a time."""

    def __init__(self, arrays, metadata):
        super().__init__()
        self.rnn = eval(metadata["lockstep.rnn"])
        classes, width = arrays["head.weight"].shape
        if "embedding.weight" in arrays:
            self.embedding = torch.nn.Embedding(*arrays["embedding.weight"].shape)
        self.head = torch.nn.Linear(width, classes)
        self.load_state_dict({name: torch.from_numpy(array.copy()) for name, array in arrays.items()})

    def forward(self, inputs, per_step):
        x = torch.from_numpy(inputs)
        x = self.embedding(x.long().reshape(-1)) if hasattr(self, "embedding") else x
        y, half = self.rnn(x.unsqueeze(1))[0].squeeze(1), self.rnn.hidden_size
        return self.head(y if per_step else torch.cat([y[-1, :half], y[0, half:]]).unsqueeze(0)).detach().numpy()


class ExchangeTest(ScoredCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.texts = cls.corpora.train("of-texts", "texts", *LSTM)
        cls.states = cls.corpora.train("of-states", "states", "model.cell=gru", "model.layers=1")

    def export(self, run, *more):
        path = f"{self.folder}/{self.id()}-{len(os.listdir(self.folder))}.safetensors"
        PROGRAM.run("export", "--run", run, "--format", "safetensors", "--out", path, *more)
        return path

    def place(self, name):
        return f"{self.folder}/{self.id()}-{name}"

    def expect_scores(self, found, expected):
        self.assertEqual(found.keys(), expected.keys())
        for sample, rows in found.items():
            self.assertEqual(rows.shape, expected[sample].shape)
            self.assertLessEqual(numpy.abs(rows - expected[sample]).max(), TOLERANCE * numpy.abs(expected[sample]).max())

    def network_scores(self, path, corpus):
        network = Network(*safetensors_file.read(path))
        return {s: network(x, corpus != "texts") for s, x in self.corpora.sequences(corpus).items()}

    def test_the_arrays_are_those_of_the_checkpoint(self):
        path = self.export(self.texts)
        arrays, metadata = safetensors_file.read(path)
        expected = parameters_of(self.texts)
        self.assertEqual(arrays.keys(), expected.keys())
        for name, array in arrays.items():
            numpy.testing.assert_array_equal(array, expected[name], name)
        self.assertEqual(metadata["format"], "pt")
        with open(path, "rb") as file:
            self.assertEqual(struct.unpack("<Q", file.read(8))[0] % 8, 0)
        self.assertEqual(metadata["lockstep.rnn"], "torch.nn.LSTM(5, 7, num_layers=2, bidirectional=True)")
        self.assertEqual(json.loads(metadata["lockstep.config"])["model.cell"], "lstm")
        names = json.loads(metadata["lockstep.schema"])["vocabularies"][-1]["names"]
        self.assertEqual(names, ["class0", "class1", "class2"])
        if official is None:
            print("skipped: the module safetensors is not installed; the file was read by the test's own reader")
            return
        for name, array in official.load_file(path).items():
            numpy.testing.assert_array_equal(array, expected[name], name)

    def test_cells_that_pytorch_lacks_are_named(self):
        for cell, reason in (("gru_reset_before", "resets after"), ("lstm_ln", "layer normalisation")):
            run = self.corpora.train(f"cell-{cell}", "states", f"model.cell={cell}", steps=1)
            metadata = safetensors_file.read(self.export(run))[1]
            self.assertTrue(metadata["lockstep.rnn"].startswith("none: "), metadata)
            self.assertIn(reason, metadata["lockstep.rnn"])

    @NEEDS_TORCH
    def test_modules_of_pytorch_load_it_and_score_alike(self):
        for run, corpus in ((self.texts, "texts"), (self.states, "states")):
            self.expect_scores(self.network_scores(self.export(run), corpus), self.corpora.scores(run, corpus, self.id()))
            os.remove(f"{self.folder}/{self.id()}")

    def test_an_export_comes_back_as_the_same_model(self):
        run = self.place("run")
        words = ["import", "--in", self.export(self.texts), "--corpus", f"{self.folder}/texts"]
        said = PROGRAM.run(*words, "--run", run)
        self.assertIn("taken: embedding.weight, rnn.weight_ih_l0", said)
        self.assertEqual(state_of(run)["parameters_hash"], state_of(self.texts)["parameters_hash"])
        first, second = (self.corpora.scores(r, "texts", f"{self.id()}-{n}") for n, r in enumerate((run, self.texts)))
        for sample, rows in first.items():
            numpy.testing.assert_array_equal(rows, second[sample])
        self.assertIn("ok", PROGRAM.run("verify", run))
        self.assertIn("holds a run already", PROGRAM.run(*words, "--run", run, code=64))

    def test_the_precision_comes_with_the_model(self):
        source, run = self.place("bf16"), self.place("run")
        corpus = ("--corpus", f"{self.folder}/texts")
        PROGRAM.run("train", *corpus, "--run", source, "--steps", 1, "--set", "numerics.precision=bf16")
        PROGRAM.run("import", "--in", self.export(source), *corpus, "--run", run)
        with open(f"{run}/config.toml") as file:
            self.assertIn('precision = "bf16"', file.read())

    def test_rows_for_names_in_another_order_are_refused(self):
        path = self.place("other.safetensors")
        arrays, metadata = safetensors_file.read(self.export(self.texts))
        schema = json.loads(metadata["lockstep.schema"])
        schema["vocabularies"][-1]["names"].reverse()
        safetensors_file.write(path, arrays, {**metadata, "lockstep.schema": json.dumps(schema)})
        said = PROGRAM.run("import", "--in", path, "--corpus", f"{self.folder}/texts", "--run", self.place("run"), code=64)
        self.assertIn("in another order", said)

    def test_an_import_that_was_interrupted_is_repeated(self):
        run = self.place("run")
        os.makedirs(f"{run}/checkpoints")
        PROGRAM.run("import", "--in", self.export(self.texts), "--corpus", f"{self.folder}/texts", "--run", run)
        self.assertIn("ok", PROGRAM.run("verify", run))

    def test_an_imported_run_goes_on_and_starts_others(self):
        run, other = self.place("run"), self.place("other")
        config = ["--set", "batch.sequences=16", "--set", "train.average_weights=ema", "--set", "train.bptt_steps=4"]
        corpus = ["--corpus", f"{self.folder}/states"]
        PROGRAM.run("import", "--in", self.export(self.states), *corpus, "--run", run, *config)
        keys = [f"model.{key}={state_of(run)['config'][f'model.{key}']}" for key in ("hidden_size", "bidirectional", "cell", "embedding_size")]
        model = [word for key in keys for word in ("--set", key)]
        said = PROGRAM.run("train", *corpus, "--run", run, "--steps", 3, *config, *model)
        self.assertIn("resumed at step 0", said)
        self.assertEqual(state_of(run)["updates"], 3)
        said = PROGRAM.run("train", *corpus, "--run", other, "--steps", 1, *model, "--set", f"train.start_from={run}")
        self.assertIn("starts with the parameters of", said)
        self.assertNotIn("drawn anew", said)

    @NEEDS_TORCH
    def test_states_of_pytorch_become_runs(self):
        """Names of the user's own, biases left out, and double precision."""
        symbols = len(parameters_of(self.texts)["embedding.weight"])
        modules = {"emb": torch.nn.Embedding(symbols, 4), "enc.lstm": torch.nn.LSTM(4, 6, 2, bias=False, bidirectional=True),
                   "fc": torch.nn.Linear(12, 3)}  # fmt: skip
        state = {f"{m}.{name}": value.numpy().astype("<f8" if m == "fc" else "<f4")
                 for m, module in modules.items() for name, value in module.state_dict().items()}  # fmt: skip
        path, run = self.place("torch.safetensors"), self.place("run")
        safetensors_file.write(path, {**state, "counter": numpy.zeros(1, "<i8")})
        said = PROGRAM.run("import", "--in", path, "--corpus", f"{self.folder}/texts", "--run", run, "--rename", "fc=head",
                           "--rename", "emb=embedding")  # fmt: skip
        self.assertIn("set to zero, because the module has no biases: rnn.bias_ih_l0", said)
        self.assertIn("not used: counter", said)
        expected = {}
        for sample, inputs in self.corpora.sequences("texts").items():
            y = modules["enc.lstm"](modules["emb"](torch.from_numpy(inputs).long().reshape(-1)).unsqueeze(1))[0].squeeze(1)
            expected[sample] = modules["fc"](torch.cat([y[-1, :6], y[0, 6:]])).detach().numpy().reshape(1, -1)
        self.expect_scores(self.corpora.scores(run, "texts", self.id()), expected)

    def bare(self, gates, hidden=6, width=3, **more):
        """The state of a module of one recurrent layer, without a prefix."""
        shapes = {"weight_ih_l0": (gates * hidden, width), "weight_hh_l0": (gates * hidden, hidden),
                  "bias_ih_l0": (gates * hidden,), "bias_hh_l0": (gates * hidden,), **more}  # fmt: skip
        path = self.place(f"{len(os.listdir(self.folder))}.safetensors")
        safetensors_file.write(path, {name: numpy.full(shape, 0.1, "<f4") for name, shape in shapes.items()})
        return path

    def test_layers_alone_become_the_encoder_of_a_new_model(self):
        for gates, cell in ((1, "rnn_tanh"), (3, "gru"), (4, "lstm")):
            run = self.place(cell)
            said = PROGRAM.run("import", "--in", self.bare(gates), "--corpus", f"{self.folder}/states", "--run", run,
                               "--draw-missing")  # fmt: skip
            self.assertIn("not in the file, drawn anew: head.weight, head.bias", said)
            self.assertEqual(state_of(run)["config"]["model.cell"], cell)
            self.assertEqual(parameters_of(run)["rnn.weight_hh_l0"].max(), numpy.float32(0.1))

    def refused(self, text, path, *words, code=64):
        run = self.place("refused")
        self.assertIn(text, PROGRAM.run("import", "--in", path, "--corpus", f"{self.folder}/states", "--run", run, *words,
                                        code=code))  # fmt: skip
        self.assertFalse(os.path.exists(run))

    def test_what_does_not_fit_is_refused(self):
        self.refused("lacks the parameters head.weight, head.bias of the model", self.bare(3))
        self.refused('tensor "weight_ih_l0" has the shape [18, 5], the parameter rnn.weight_ih_l0 [18, 3]',
                     self.bare(3, width=5), "--draw-missing")  # fmt: skip
        # Which of two tensors is wrong, nobody knows: both are named, and where the sizes of the model are from.
        said = 'tensor "bias_hh_l0" has the shape [20], the parameter rnn.bias_hh_l0 [18]. Hidden size, cell and layers of the ' \
               'model are those of "weight_hh_l0"'  # fmt: skip
        self.refused(said, self.bare(3, bias_ih_l0=(20,), bias_hh_l0=(20,)), "--draw-missing")
        self.refused('"weight_hh_l0" has the shape [12, 6]; the recurrent weights of a layer of H units are [H, H]',
                     self.bare(2), "--draw-missing", code=65)  # fmt: skip
        self.refused('"weight_hr_l0" projects the outputs of an LSTM', self.bare(4, weight_hr_l0=(2, 6)), code=65)
        self.refused("several stacks of recurrent layers", self.bare(3, **{"b.weight_ih_l0": (3, 3)}))
        self.refused('has no tensor "fc"', self.bare(3), "--rename", "fc=head")
        self.refused("allowed is OLD=NEW", self.bare(3), "--rename", "fc")
        self.refused('--format is "onnx"', self.bare(3), "--format", "onnx")
        path = self.bare(3)
        arrays, _ = safetensors_file.read(path)
        safetensors_file.write(path, {**arrays, "bias_hh_l0": numpy.full(18, numpy.nan, "<f4")})
        self.refused(f'{path}: element 0 of tensor "bias_hh_l0" is nan', path, "--draw-missing", code=65)

    def test_names_of_tensors_cannot_begin_a_line(self):
        said = PROGRAM.run("import", "--in", self.bare(3, **{"odd\nname\x1b[2J": (1,)}), "--corpus", f"{self.folder}/states",
                           "--run", self.place("run"), "--draw-missing")  # fmt: skip
        self.assertIn("not used: odd<U+000A>name<U+001B>[2J", said)

    def test_the_scaling_of_real_values_goes_along(self):
        metadata = safetensors_file.read(self.export(self.states))[1]
        with open(f"{self.states}/corpus.json", encoding="utf-8") as file:
            self.assertEqual(json.loads(metadata["lockstep.task"]), json.load(file)["task"])
        self.assertNotIn("lockstep.task", safetensors_file.read(self.export(self.texts))[1])

    def test_hostile_files_are_refused(self):
        path = self.place("hostile.safetensors")
        for length, header in ((1 << 62, b"{}"), (20, b"[" * 20), (2, b"[]")):
            with open(path, "wb") as file:
                file.write(struct.pack("<Q", length) + header)
            self.refused("cannot read safetensors file", path, code=65)
        self.refused("no regular file", self.folder, code=65)
        self.refused("No such file", self.place("nothing"), code=66)

    def test_files_that_exist_are_not_replaced(self):
        path = self.export(self.texts)
        words = ["export", "--run", self.texts, "--out", path, "--format"]
        self.assertIn("it exists", PROGRAM.run(*words, "safetensors", code=73))
        self.assertIn("allowed are safetensors, onnx", PROGRAM.run(*words, "pickle", code=64))


if __name__ == "__main__":
    ScoredCase.program = PROGRAM = Program(sys.argv.pop(1))
    unittest.main()
