"""Reads and writes safetensors files for tests, from the description of the format alone: a second opinion on what the
program writes, and files as safetensors.torch would write them, where that module is not installed."""

import json
import struct

import numpy

TYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8"}


def read(path):
    """The arrays by name, and the metadata."""
    with open(path, "rb") as file:
        data = file.read()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    metadata = header.pop("__metadata__", {})
    arrays, body = {}, data[8 + length :]
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        arrays[name] = numpy.frombuffer(body[begin:end], TYPES[entry["dtype"]]).reshape(entry["shape"])
    assert max(entry["data_offsets"][1] for entry in header.values()) == len(body)
    return arrays, metadata


def write(path, arrays, metadata=None):
    header, body = {"__metadata__": metadata or {"format": "pt"}}, b""
    for name, array in arrays.items():
        dtype = next(key for key, value in TYPES.items() if numpy.dtype(value) == array.dtype)
        data = array.astype(TYPES[dtype]).tobytes()
        header[name] = {"dtype": dtype, "shape": list(array.shape), "data_offsets": [len(body), len(body) + len(data)]}
        body += data
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + body)
