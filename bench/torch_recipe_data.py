"""Reads what bench_recipe_peer writes of a recipe (recipe_training.h): a line of JSON, then arrays.

  {"config": {KEY: TEXT}, "once": [FIRST ID, END] of words that occur once,
   "parameters": [[NAME, SHAPE, HAS WEIGHT DECAY], ...],
   "fields": [{"name", "width", "real", "alignment", and of ids "ids" (how many), "start", "unknown", "followers",
               "first", "last"}, ...],
   "batches": [{"part": N, "sequences": [[ROWS OF EACH FIELD], ...]}, ...]}

The parameters follow in this order (float32), then each field of each sequence of each batch: real values (float32) or
ids (int32), [rows, width]; before the ids of a list per step, the lengths of the lists (int32).
"""

import dataclasses
import json
import math

import torch


@dataclasses.dataclass
class Sequence:
    """By name of the field: its rows, and the lengths of its lists if it has a list per step."""

    rows: dict
    lists: dict


@dataclasses.dataclass
class Batch:
    part: int  # of its sequences, if they come in parts
    sequences: list


class Problem:
    """`form` is "packed" or "padded" (torch_recipe_models.py)."""

    def __init__(self, path, form):
        self.form = form
        with open(path, "rb") as file:
            head = json.loads(file.readline())
            self.config, self.once = head["config"], head["once"]
            self.fields = {field["name"]: field for field in head["fields"]}
            self.weights = {name: read(file, torch.float32, shape) for name, shape, _ in head["parameters"]}
            self.decays = {name for name, _, decays in head["parameters"] if decays}
            self.batches = [self._read_batch(file, batch) for batch in head["batches"]]

    def number(self, key):
        return float(self.config[key])

    def _read_batch(self, file, batch):
        return Batch(batch["part"], [self._read_sequence(file, rows) for rows in batch["sequences"]])

    def _read_sequence(self, file, rows):
        sequence = Sequence({}, {})
        for (name, field), count in zip(self.fields.items(), rows, strict=True):
            if field["alignment"] == "list_in_step":
                sequence.lists[name] = read(file, torch.int32, [rows[0]]).long()
            shape = [count, field["width"]] if field["width"] > 1 else [count]
            values = read(file, torch.float32 if field["real"] else torch.int32, shape)
            sequence.rows[name] = values if field["real"] else values.long()
        return sequence


def read(file, kind, shape):
    count = math.prod(shape)
    if count == 0:
        return torch.empty(shape, dtype=kind)
    return torch.frombuffer(bytearray(file.read(4 * count)), dtype=kind).view(shape)
