#!/usr/bin/env python3
"""Makes features.ark, features.scp and features.txt: the same matrix in every layout that Kaldi writes.

    python3 -m venv VENV && VENV/bin/pip install kaldi_native_io==1.23.0 numpy
    VENV/bin/python tests/data/speech/features/make_ark_fixture.py

kaldi_native_io holds Kaldi's own code for reading and writing. features.txt has what that code reads
back, a line a matrix: key, rows, columns, values as hexadecimal floats.
"""

import os
import pathlib

import kaldi_native_io as kaldi
import numpy

FOLDER = pathlib.Path(__file__).resolve().parent
METHODS = {"cm": kaldi.CompressionMethod.kSpeechFeature, "cm2": kaldi.CompressionMethod.kTwoByteAuto,
           "cm3": kaldi.CompressionMethod.kOneByteAuto}


def matrix():
    """13 frames of 4 coefficients, like log energies, of no special values."""
    draw = numpy.random.default_rng(1)
    return (draw.normal(size=(13, 4)) * [1, 3, 10, 0.1] + [0, -5, 15, 2]).astype(numpy.float32)


def write_all():
    values = matrix()
    parts, lines = [], []
    for key in ("fm", "dm", *METHODS):
        with_one = f"ark,scp:{key}.ark,{key}.scp"
        if key == "fm":
            with kaldi.FloatMatrixWriter(with_one) as writer:
                writer.write(key, values)
        elif key == "dm":
            with kaldi.DoubleMatrixWriter(with_one) as writer:
                writer.write(key, values.astype(numpy.float64))
        else:
            with kaldi.CompressedMatrixWriter(with_one) as writer:
                writer.write(key, values, METHODS[key])
        data = pathlib.Path(f"{key}.ark").read_bytes()
        lines.append(f"{key} features.ark:{sum(map(len, parts)) + len(key) + 1}")
        parts.append(data)
        os.remove(f"{key}.ark")
        os.remove(f"{key}.scp")
    pathlib.Path("features.ark").write_bytes(b"".join(parts))
    pathlib.Path("features.scp").write_text("\n".join(lines) + "\n")


def write_expected():
    lines = []
    with kaldi.SequentialFloatMatrixReader("scp:features.scp") as reader:
        for key, values in reader:
            values = numpy.asarray(values, dtype=numpy.float32)
            numbers = " ".join(float(value).hex() for value in values.ravel())
            lines.append(f"{key} {values.shape[0]} {values.shape[1]} {numbers}")
    pathlib.Path("features.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    os.chdir(FOLDER)
    write_all()
    write_expected()
