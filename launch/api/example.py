#!/usr/bin/env python3
"""Scores sequences with a model of Lockstep from Python, through ctypes: an example of lockstep.h.

    echo "0 3 1 2" | LOCKSTEP_LIBRARY=./liblockstep.so python3 example.py RUN
    echo "A C G T" | LOCKSTEP_LIBRARY=./liblockstep.so python3 example.py RUN
    python3 example.py RUN --stream < sequences.txt

Each line of standard input is a sequence, step by step: real values, or ids or names of symbols. Each row of scores
becomes a line of standard output. With --stream, each step is scored when it comes. Needs nothing but Python; numpy
arrays can be handed over by their `ctypes.data`.
"""

import ctypes
import os
import sys

SIZE, INTS, FLOATS = ctypes.c_size_t, ctypes.POINTER(ctypes.c_int32), ctypes.POINTER(ctypes.c_float)


class Shape(ctypes.Structure):
    _fields_ = [("symbols", SIZE), ("width", SIZE), ("outputs", SIZE),
                ("scores_steps", ctypes.c_int), ("streams", ctypes.c_int), ("look_ahead", SIZE)]  # fmt: skip


class Batch(ctypes.Structure):
    _fields_ = [("sequences", SIZE), ("steps", ctypes.POINTER(SIZE)), ("symbols", INTS), ("values", FLOATS)]


class Model:
    """A model that was loaded from a run folder or a checkpoint; scores are lists of rows."""

    def __init__(self, path):
        self.library = ctypes.CDLL(os.environ.get("LOCKSTEP_LIBRARY", "liblockstep.so"))
        self.library.lockstep_error.restype = ctypes.c_char_p
        self.handle, self.shape = ctypes.c_void_p(), Shape()
        self.require(self.library.lockstep_load(os.fsencode(path), ctypes.byref(self.handle)))
        self.require(self.library.lockstep_shape_of(self.handle, ctypes.byref(self.shape)))
        self.library.lockstep_symbol_name.restype = ctypes.c_char_p
        names = [self.library.lockstep_symbol_name(self.handle, SIZE(symbol)) for symbol in range(self.shape.symbols)]
        self.ids = {name.decode(errors="replace"): symbol for symbol, name in enumerate(names) if name is not None}

    def require(self, status):
        if status != 0:
            raise RuntimeError(self.library.lockstep_error().decode())

    def close(self):
        self.library.lockstep_free(self.handle)

    def id_of(self, word):
        """The id that the word is, or that of the symbol with this name."""
        if word.lstrip("-").isdecimal():
            return int(word)
        if word not in self.ids:
            raise ValueError(f'"{word}" is no id and no name of a symbol')
        return self.ids[word]

    def numbers(self, text):
        """The numbers of a sequence as what the model reads: pointers to ids and to values, one of which is null.
        ValueError for a word that is neither."""
        if self.shape.symbols > 0:
            ids = [self.id_of(word) for word in text.split()]
            return len(ids), (ctypes.c_int32 * len(ids))(*ids), None
        found = [float(word) for word in text.split()]
        return len(found), None, (ctypes.c_float * len(found))(*found)

    def rows(self, scores, count):
        columns = self.shape.outputs
        return [scores[row * columns : (row + 1) * columns] for row in range(count)]

    def run(self, text):
        """The scores of a whole sequence."""
        count, symbols, values = self.numbers(text)
        steps = count // self.shape.width
        rows = steps if self.shape.scores_steps else 1
        scores = (ctypes.c_float * (rows * self.shape.outputs))()
        batch = Batch(1, ctypes.pointer(SIZE(steps)), symbols, values)
        self.require(self.library.lockstep_run(self.handle, ctypes.byref(batch), scores, None))
        return self.rows(scores, rows)

    def stream(self, text):
        """The scores of a sequence, added one step at a time."""
        stream, scores, rows = ctypes.c_void_p(), FLOATS(), SIZE()
        self.require(self.library.lockstep_stream_open(self.handle, SIZE(1), ctypes.byref(stream)))
        words = text.split()
        for begin in range(0, len(words), self.shape.width):
            end = begin + self.shape.width
            _, symbols, values = self.numbers(" ".join(words[begin:end]))
            self.require(self.library.lockstep_stream_add(stream, SIZE(1), symbols, values, int(end >= len(words)),
                                                          ctypes.byref(scores), ctypes.byref(rows)))  # fmt: skip
            yield from self.rows(scores, rows.value)
        self.library.lockstep_stream_close(stream)


def main():
    if len(sys.argv) < 2 or sys.argv[2:] not in ([], ["--stream"]):
        sys.exit(f"usage: {sys.argv[0]} RUN_OR_CHECKPOINT [--stream] < SEQUENCES")
    model = Model(sys.argv[1])
    score = model.stream if sys.argv[2:] else model.run
    for line in sys.stdin:
        for row in score(line):
            print(*(f"{value:.9g}" for value in row))
    model.close()


if __name__ == "__main__":
    try:
        main()
    except (RuntimeError, ValueError) as error:
        sys.exit(str(error))
