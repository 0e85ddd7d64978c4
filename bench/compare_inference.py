"""Steps per second of a run by liblockstep.so and by ONNX Runtime, in turns, on the same random inputs; whole sequences
and a stream of single steps. Prints the median and the range of the turns, and the largest difference of the scores."""

import argparse
import ctypes
import os
import statistics
import subprocess
import sys
import tempfile
import time

import numpy
import onnxruntime

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "launch", "api"))
import example
import inference_shapes


def export(program, run, path, *more):
    subprocess.run([program, "export", "--run", run, "--format", "onnx", "--out", path, *more], check=True,
                   stdout=subprocess.DEVNULL)  # fmt: skip


def open_session(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def pointer(array, kind):
    return array.ctypes.data_as(kind)


class Problem:
    """Random inputs [sequences, steps, width] of a model, in the forms of both programs."""

    def __init__(self, model, sequences, steps):
        self.model, shape = model, model.shape
        draw = numpy.random.default_rng(1)
        size = (sequences, steps, shape.width)
        self.inputs = (draw.integers(0, shape.symbols, size, "int32") if shape.symbols > 0
                       else draw.standard_normal(size, "float32"))  # fmt: skip
        self.steps = (ctypes.c_size_t * sequences)(*[steps] * sequences)
        rows = sequences * (steps if shape.scores_steps else 1)
        self.scores = numpy.zeros((rows, shape.outputs), "float32")
        self.count = sequences * steps

    def arguments(self, inputs):
        """Pointers to ids and to values, one of which is null."""
        if self.model.shape.symbols > 0:
            return pointer(inputs, example.INTS), None
        return None, pointer(inputs, example.FLOATS)

    def run_lockstep(self):
        batch = example.Batch(len(self.steps), self.steps, *self.arguments(self.inputs))
        run = self.model.library.lockstep_run
        self.model.require(run(self.model.handle, ctypes.byref(batch), pointer(self.scores, example.FLOATS), None))
        return self.scores

    def onnx_inputs(self):
        turned = numpy.ascontiguousarray(self.inputs.swapaxes(0, 1))
        return turned[..., 0].astype("int64") if self.model.shape.symbols > 0 else turned


def whole(model, session, sequences, steps):
    """What one turn of either program is; and how much their scores differ."""
    problem = Problem(model, sequences, steps)
    leading = next(i.name for i in session.get_inputs() if i.name != "lengths")
    feeds = {leading: problem.onnx_inputs(), "lengths": numpy.full(sequences, steps, "int32")}
    found = session.run(["logits"], feeds)[0]
    found = found.swapaxes(0, 1).reshape(problem.scores.shape) if model.shape.scores_steps else found
    difference = numpy.abs(found - problem.run_lockstep()).max()
    return problem.count, problem.run_lockstep, lambda: session.run(["logits"], feeds), difference


def stream(model, session, steps):
    problem = Problem(model, 1, steps)
    states, leading = session.get_inputs()[1], session.get_inputs()[0].name
    handle, scores, rows = ctypes.c_void_p(), example.FLOATS(), ctypes.c_size_t()
    model.require(model.library.lockstep_stream_open(model.handle, ctypes.c_size_t(1), ctypes.byref(handle)))
    parts = [problem.arguments(problem.inputs[:, t]) for t in range(steps)]
    one, inputs = ctypes.c_size_t(1), problem.onnx_inputs()

    def by_lockstep():
        add = model.library.lockstep_stream_add
        for t, (symbols, values) in enumerate(parts):
            add(handle, one, symbols, values, int(t + 1 == steps), ctypes.byref(scores), ctypes.byref(rows))

    def by_onnx():
        carried = numpy.zeros((states.shape[0], 1, states.shape[2]), "float32")
        for t in range(steps):
            _, carried = session.run(["logits", "next_states"], {leading: inputs[t : t + 1], "states": carried})

    return problem.count, by_lockstep, by_onnx, 0


def measure(name, turns, count, ours, theirs, difference):
    seconds = {ours: [], theirs: []}
    for turn in range(turns + 1):
        for work in seconds:
            begin = time.thread_time()  # both work in the calling thread alone; others do not count
            work()
            if turn > 0:  # the first one warms up
                seconds[work].append(time.thread_time() - begin)
    mine, other = (statistics.median(found) for found in seconds.values())
    ratios = sorted(b / a for a, b in zip(*seconds.values()))
    print(f"{name:28} {count / mine:12.0f} {count / other:12.0f} steps/s  x {statistics.median(ratios):.2f} "
          f"({ratios[0]:.2f} to {ratios[-1]:.2f}), {1e6 * mine / count:.1f} us a step, difference {difference:.1e}",
          flush=True)  # fmt: skip


def compare(program, run, sequences, steps, turns):
    model = example.Model(run)
    with tempfile.TemporaryDirectory() as folder:
        export(program, run, f"{folder}/whole.onnx")
        session = open_session(f"{folder}/whole.onnx")
        for count in sequences:
            measure(f"{count} whole sequences", turns, *whole(model, session, count, steps))
        if model.shape.streams and model.shape.look_ahead == 0:
            export(program, run, f"{folder}/stream.onnx", "--stream")
            measure("a stream, step by step", turns, *stream(model, open_session(f"{folder}/stream.onnx"), steps))
    model.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("run")
    parser.add_argument("--sequences", type=int, nargs="+", default=[1, 16])
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--turns", type=int, default=9)
    options = parser.parse_args()
    print(f"ONNX Runtime {onnxruntime.__version__}; lockstep, ONNX Runtime, median and range of {options.turns} turns")
    if options.run != "shapes":
        compare(options.program, options.run, options.sequences, options.steps, options.turns)
        return
    with tempfile.TemporaryDirectory() as folder:
        for shape in inference_shapes.SHAPES:
            run, name = inference_shapes.train(options.program, folder, shape)
            *_, sequences, steps = shape
            print(f"{name}, {steps} steps")
            compare(options.program, run, [1, sequences], steps, options.turns)


if __name__ == "__main__":
    main()
