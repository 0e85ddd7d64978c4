"""Reads ONNX files and computes what they say, with numpy alone: written from onnx.proto and the descriptions of the
operators (github.com/onnx/onnx, docs/Operators.md), so that tests need no other program. Slow, and only what the files of
`lockstep export` hold."""

import numpy

TYPES = {1: "<f4", 6: "<i4", 7: "<i8"}


def fields(data):
    """(number, value) of each field of a message; values are integers or bytes."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(data):
        number, kind = divmod(varint(), 8)
        if kind == 0:
            value = varint()
            yield number, value - (1 << 64) if value >= 1 << 63 else value
        else:
            length = {1: 8, 5: 4}.get(kind) or varint()
            yield number, data[at : at + length]
            at += length


def every(data, number):
    return [value for found, value in fields(data) if found == number]


def one(data, number, default=b""):
    return (every(data, number) or [default])[-1]


def tensor(data):
    values = numpy.frombuffer(one(data, 9), TYPES[one(data, 2)])
    return values.reshape(every(data, 1))


def attribute(data):
    """Name and value; type 20: 2 integer, 3 text, 7 integers, 8 texts."""
    read = {2: lambda: one(data, 3, 0), 3: lambda: one(data, 4).decode(), 7: lambda: every(data, 8),
            8: lambda: [text.decode() for text in every(data, 9)]}  # fmt: skip
    return one(data, 1).decode(), read[one(data, 20)]()


def sigmoid(x):
    return 1 / (1 + numpy.exp(-x))


def walk(step, x, lengths, states, reverse):
    """Outputs [T, B, H] of step(x_t, states) over the steps that each sequence has, and the final states."""
    T, B = x.shape[:2]
    states = [state.copy() for state in states]
    y = numpy.zeros((T, *states[0].shape), numpy.float32)
    for t in reversed(range(T)) if reverse else range(T):
        runs = (t < lengths)[:, None]
        states = [numpy.where(runs, new, old) for new, old in zip(step(x[t], states), states)]
        y[t] = numpy.where(runs, states[0], 0)
    return y, states


def lstm(W, R, B, _):
    def step(x, states):
        h, c = states
        i, o, f, g = numpy.split(x @ W.T + h @ R.T + sum(numpy.split(B, 2)), 4, axis=1)
        c = sigmoid(f) * c + sigmoid(i) * numpy.tanh(g)
        return sigmoid(o) * numpy.tanh(c), c

    return step


def gru(W, R, B, attributes):
    Wb, Rb = numpy.split(B, 2)

    def step(x, states):
        (h,) = states
        (xz, xr, xn), (Rz, Rr, Rn), (bz, br, bn) = (
            numpy.split(x @ W.T + Wb, 3, axis=1), numpy.split(R, 3), numpy.split(Rb, 3))  # fmt: skip
        z, r = sigmoid(xz + h @ Rz.T + bz), sigmoid(xr + h @ Rr.T + br)
        after = attributes["linear_before_reset"]
        n = numpy.tanh(xn + (r * (h @ Rn.T + bn) if after else (r * h) @ Rn.T + bn))
        return ((1 - z) * n + z * h,)

    return step


def rnn(W, R, B, attributes):
    apply = {"Tanh": numpy.tanh, "Relu": lambda x: numpy.maximum(x, 0)}[attributes["activations"][0]]
    return lambda x, states: (apply(x @ W.T + states[0] @ R.T + sum(numpy.split(B, 2))),)


CELLS = {"LSTM": (lstm, 2), "GRU": (gru, 1), "RNN": (rnn, 1)}


def recurrent(op, inputs, attributes):
    cell, arrays = CELLS[op]
    x, W, R, B, lengths, *initial = inputs
    lengths = numpy.full(x.shape[1], len(x)) if lengths is None else lengths
    directions = {"forward": 1, "bidirectional": 2}[attributes["direction"]]
    assert len(W) == directions and R.shape[2] == attributes["hidden_size"]
    ys, finals = [], []
    for d in range(directions):
        zeros = numpy.zeros((x.shape[1], R.shape[2]), numpy.float32)
        states = [initial[i][d] if initial else zeros for i in range(arrays)]
        y, final = walk(cell(W[d], R[d], B[d], attributes), x, lengths, states, d == 1)
        ys.append(y)
        finals.append(final)
    return [numpy.stack(ys, 1), *(numpy.stack([final[i] for final in finals]) for i in range(arrays))]


def convolve(x, weights, attributes):
    """Each channel by itself, stride 1; [B, C, T]."""
    before, after = attributes["pads"]
    assert attributes["group"] == x.shape[1] == len(weights) and weights.shape[1] == 1
    padded = numpy.pad(x, ((0, 0), (0, 0), (before, after)))
    return sum(padded[:, :, j : j + x.shape[2]] * weights[:, 0, j, None] for j in range(weights.shape[2]))


def softmax(x, axis):
    e = numpy.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


OPERATORS = {
    "Identity": lambda x: x, "Add": numpy.add, "Sub": numpy.subtract, "Mul": numpy.multiply,
    "Div": lambda a, b: a // b if a.dtype.kind == "i" else a / b, "Relu": lambda x: numpy.maximum(x, 0),
    "Tanh": numpy.tanh, "MatMul": numpy.matmul, "Less": numpy.less, "Where": numpy.where,
    "Range": lambda a, b, c: numpy.arange(a, b, c), "Expand": lambda x, shape: x * numpy.ones(shape, x.dtype),
    "Gather": lambda x, ids: x[ids], "GatherND": lambda x, places: x[tuple(places.T)],
    "Squeeze": lambda x, axes: x.squeeze(tuple(axes)), "Unsqueeze": lambda x, axes: numpy.expand_dims(x, tuple(axes)),
    "Reshape": lambda x, shape: x.reshape([old if new == 0 else new for old, new in zip(x.shape + (0,) * 9, shape)]),
    "Slice": lambda x, begin, end, axis: x.take(range(int(begin[0]), int(end[0])), int(axis[0])),
    "Transpose": lambda x, perm: x.transpose(perm), "Cast": lambda x, to: x.astype(TYPES[to]),
    "Shape": lambda x, start=0, end=None: numpy.array(x.shape[start:end], "<i8"),
    "ReduceMax": lambda x, axes, keepdims: x.max(tuple(axes), keepdims=bool(keepdims)),
    "ReduceSum": lambda x, axes, keepdims: x.sum(tuple(axes), keepdims=bool(keepdims)), "Softmax": softmax,
}  # fmt: skip


class OnnxFile:
    def __init__(self, path):
        with open(path, "rb") as file:
            self.model = file.read()
        graph = one(self.model, 7)
        (self.operators,) = (one(entry, 2) for entry in every(self.model, 8))
        self.metadata = {one(e, 1).decode(): one(e, 2).decode() for e in every(self.model, 14)}
        self.constants = {one(entry, 8).decode(): tensor(entry) for entry in every(graph, 5)}
        self.inputs = [one(entry, 1).decode() for entry in every(graph, 11)]
        self.outputs = [one(entry, 1).decode() for entry in every(graph, 12)]
        self.nodes = every(graph, 1)

    def run(self, feeds):
        """The outputs by name."""
        values = {**self.constants, **feeds, "": None}
        with numpy.errstate(over="ignore"):
            for node in self.nodes:
                inputs = [values[name.decode()] for name in every(node, 1)]
                names = [name.decode() for name in every(node, 2)]
                op, attributes = one(node, 4).decode(), dict(attribute(entry) for entry in every(node, 5))
                if op in CELLS:
                    found = recurrent(op, inputs, attributes)
                elif op == "Conv":
                    found = [convolve(*inputs, attributes)]
                elif op == "Concat":
                    found = [numpy.concatenate(inputs, attributes["axis"])]
                else:
                    found = [OPERATORS[op](*inputs, **attributes)]
                values.update(zip(names, found))
        return {name: values[name] for name in self.outputs}
