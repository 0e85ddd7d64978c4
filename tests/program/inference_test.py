"""The examples of lockstep.h, in C and in Python, score sequences to the bit as `predict --logits` does: whole ones, and
ones that come step by step; and the library answers wrong calls with a code and a sentence."""

import ctypes
import os
import subprocess
import sys
import threading
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "launch", "api"))
import example
import numpy
from program import Program, newest_checkpoint
from scored_corpora import ScoredCase

RUNS = {
    "classes of texts": ("texts", ["model.cell=lstm", "model.layers=2", "model.bidirectional=true"]),
    "states": ("states", ["model.cell=gru", "model.layers=2", "model.residual=true"]),
    "states, reset before": ("states", ["model.cell=gru_reset_before", "model.head=crf"]),
    "states, ahead": ("states", ["model.cell=lstm_ln", "model.layers=2", "model.lookahead=1,2"]),
    "values": ("values", ["model.cell=rnn_relu", "model.dense_layers=1", "model.dense_size=4"]),
    "tags of words": ("tagged", ["model.characters=none", "model.shape_size=0", "model.head=auto"]),
    "averages": ("states", ["model.cell=lstm", "train.average_weights=ema"]),
}


def text_of(inputs):
    return " ".join(f"{value:.9g}" for value in inputs.reshape(-1))


class InferenceTest(ScoredCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.runs = {name: cls.corpora.train(f"run-{name.replace(' ', '-')}", corpus, *settings)
                    for name, (corpus, settings) in RUNS.items()}  # fmt: skip

    def example(self, *words, text="", code=0):
        environment = {**os.environ, "LD_LIBRARY_PATH": os.path.dirname(os.environ["LOCKSTEP_LIBRARY"])}
        done = subprocess.run([EXAMPLE, *words], input=text, capture_output=True, text=True, check=False, timeout=60,
                              env=environment)  # fmt: skip
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stdout if code == 0 else done.stderr

    def expect_rows(self, lines, samples, scores):
        rows = numpy.array([line.split() for line in lines], numpy.float32)
        numpy.testing.assert_array_equal(rows, numpy.concatenate([scores[sample] for sample in samples]))

    def test_the_example_in_c_scores_as_predict_does(self):
        for name, run in self.runs.items():
            corpus = RUNS[name][0]
            with self.subTest(run=name):
                inputs = self.corpora.sequences(corpus)
                scores = self.corpora.scores(run, corpus, f"{name}.h5")
                text = "".join(text_of(x) + "\n" for x in inputs.values())
                self.expect_rows(self.example(run, text=text).splitlines(), inputs, scores)
                streams = not any(word in name for word in ("texts", "before", "tags"))
                if streams:
                    self.expect_rows(self.example(run, "--stream", text=text).splitlines(), inputs, scores)
                else:
                    self.assertIn("must know a whole sequence", self.example(run, "--stream", code=64))

    def test_the_example_in_python_scores_as_predict_does(self):
        inputs = self.corpora.sequences("states")
        scores = self.corpora.scores(self.runs["states"], "states", f"{self.id()}.h5")
        model = example.Model(newest_checkpoint(self.runs["states"]))
        for score in (model.run, model.stream):
            for sample, values in inputs.items():
                rows = numpy.array(list(score(text_of(values))), numpy.float32)
                numpy.testing.assert_array_equal(rows, scores[sample])
        model.close()

    def test_the_examples_read_names_of_symbols(self):
        run, ids = self.runs["classes of texts"], "3 1 2 1"
        model = example.Model(run)
        names = " ".join(next(name for name, symbol in model.ids.items() if symbol == int(word)) for word in ids.split())
        self.assertIn("word", names)
        self.assertEqual(model.run(names), model.run(ids))
        self.assertEqual(self.example(run, text=names), self.example(run, text=ids))
        self.assertIn('"thing" is no id and no name of a symbol', self.example(run, text="1 thing", code=64))
        self.assertRaisesRegex(ValueError, '"thing" is no id', model.run, "1 thing")
        self.assertIn('"b" is no number', self.example(self.runs["states"], text="1 b 2", code=64))
        model.close()

    def batch(self, inputs):
        """All sequences as one batch, and what must not be freed before the call."""
        steps = (ctypes.c_size_t * len(inputs))(*(len(x) for x in inputs.values()))
        values = numpy.concatenate([x.reshape(-1) for x in inputs.values()]).astype(numpy.float32)
        return example.Batch(len(inputs), steps, None, values.ctypes.data_as(example.FLOATS)), (steps, values)

    def test_sequences_together_are_those_by_themselves(self):
        inputs = self.corpora.sequences("values")
        scores = self.corpora.scores(self.runs["values"], "values", f"{self.id()}.h5")
        model = example.Model(self.runs["values"])
        batch, kept = self.batch(inputs)
        found = numpy.zeros((sum(kept[0]), 2), numpy.float32)
        model.require(model.library.lockstep_run(model.handle, ctypes.byref(batch), found.ctypes.data_as(example.FLOATS), None))
        numpy.testing.assert_array_equal(found, numpy.concatenate([scores[s] for s in inputs]))
        model.close()

    def test_threads_share_a_model(self):
        inputs = self.corpora.sequences("states")
        model = example.Model(self.runs["states, reset before"])
        batch, kept = self.batch(inputs)
        found = numpy.zeros((4, sum(kept[0]), 3), numpy.float32)
        labels = numpy.zeros((4, sum(kept[0])), numpy.int32)

        def score(i):
            for _ in range(10):
                model.library.lockstep_run(model.handle, ctypes.byref(batch), found[i].ctypes.data_as(example.FLOATS),
                                           labels[i].ctypes.data_as(example.INTS))  # fmt: skip

        threads = [threading.Thread(target=score, args=(i,)) for i in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertTrue(found[0].any() and (found == found[0]).all() and (labels == labels[0]).all())
        model.close()

    def test_wrong_calls_get_a_code_and_a_sentence(self):
        texts = example.Model(self.runs["classes of texts"])
        library, handle = texts.library, ctypes.c_void_p()
        library.lockstep_symbol_name.restype = library.lockstep_class_name.restype = ctypes.c_char_p

        def fails(code, text, status):
            self.assertEqual(status, code)
            self.assertIn(text, library.lockstep_error().decode())

        fails(64, "path is NULL", library.lockstep_load(None, ctypes.byref(handle)))
        fails(66, "no checkpoint in", library.lockstep_load(self.folder.encode(), ctypes.byref(handle)))
        fails(66, "No such file", library.lockstep_load(b"/nowhere.h5", ctypes.byref(handle)))
        damaged = f"{self.folder}/damaged.h5"
        with open(newest_checkpoint(self.runs["states"]), "rb") as file, open(damaged, "wb") as copy:
            copy.write(file.read()[:-1])
        fails(65, "its end is missing", library.lockstep_load(damaged.encode(), ctypes.byref(handle)))
        self.assertIsNone(handle.value)
        scores = (ctypes.c_float * 9)()
        for symbols, steps, text in (([1, 99], 2, "symbol 1 of the input is 99"), ([-1], 1, "is -1"), ([], 0, "has no steps"),
                                     ([], 1 << 63, "more than any memory holds")):  # fmt: skip
            ids = (ctypes.c_int32 * (len(symbols) + 1))(*symbols)
            batch = example.Batch(1, ctypes.pointer(ctypes.c_size_t(steps)), ids, None)
            fails(64, text, library.lockstep_run(texts.handle, ctypes.byref(batch), scores, None))
        batch = example.Batch(1, ctypes.pointer(ctypes.c_size_t(1)), None, None)
        fails(64, "symbols is NULL", library.lockstep_run(texts.handle, ctypes.byref(batch), scores, None))
        self.assertEqual(library.lockstep_class_name(texts.handle, ctypes.c_size_t(1)), b"class1")
        self.assertIsNone(library.lockstep_class_name(texts.handle, ctypes.c_size_t(3)))
        states, stream, rows = example.Model(self.runs["states"]), ctypes.c_void_p(), ctypes.c_size_t()
        states.require(library.lockstep_stream_open(states.handle, ctypes.c_size_t(2), ctypes.byref(stream)))
        fails(64, "at most 2", library.lockstep_stream_add(stream, ctypes.c_size_t(3), None, scores, 0,
                                                           ctypes.byref(example.FLOATS()), ctypes.byref(rows)))  # fmt: skip
        library.lockstep_stream_close(stream)
        for model in (texts, states):
            model.close()

    def test_nothing_but_the_interface_can_be_seen(self):
        """And no MPI is linked."""
        library = os.environ["LOCKSTEP_LIBRARY"]
        out = subprocess.run(["nm", "-D", "--defined-only", library], capture_output=True, text=True, check=True).stdout
        names = {line.split()[-1] for line in out.splitlines()}
        self.assertTrue(all(name.startswith("lockstep_") for name in names), names)
        self.assertIn("lockstep_run", names)
        needed = subprocess.run(["readelf", "-d", library], capture_output=True, text=True, check=True).stdout
        self.assertNotIn("libmpi", needed)


if __name__ == "__main__":
    ScoredCase.program = PROGRAM = Program(sys.argv.pop(1))
    EXAMPLE = sys.argv.pop(1)
    os.environ["LOCKSTEP_LIBRARY"] = sys.argv.pop(1)
    unittest.main()
