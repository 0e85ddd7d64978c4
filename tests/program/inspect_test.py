#!/usr/bin/env python3
"""lockstep inspect: the fields of corpora, shards, checkpoints and runs."""

import json

import small_run
from small_run import NEEDS_H5PY, EVERY, RECORDS, STEPS, run, run_well


class InspectTest(small_run.RunTest):

    def field(self, path, name):
        return run_well("inspect", path, "--field", name).rstrip("\n")

    def test_a_run_shows_its_newest_checkpoint(self):
        self.assertEqual(self.field(self.run_folder, "step"), str(STEPS))
        self.assertEqual(self.field(self.run_folder, "newest"), str(self.checkpoint(STEPS)))
        self.assertEqual(self.field(self.run_folder, "checkpoints"), str(STEPS // EVERY))
        self.assertEqual(self.field(self.run_folder, "done"), "true")

    def test_the_parameters_hash_is_that_of_evaluate(self):
        evaluated = self.evaluation()
        found = self.field(self.checkpoint(evaluated["step"]), "parameters_hash")
        self.assertEqual(found, evaluated["parameters_hash"])

    def test_a_checkpoint_tells_configuration_and_corpus(self):
        path = self.checkpoint(EVERY)
        self.assertEqual(self.field(path, "step"), str(EVERY))
        self.assertEqual(self.field(path, "config.model.hidden_size"), "6")
        self.assertEqual(self.field(path, "corpus_hash"), self.field(self.corpus, "hash"))

    @NEEDS_H5PY
    def test_arrays_and_parameters_are_those_h5py_sees(self):
        with small_run.h5py.File(self.checkpoint(EVERY)) as file:
            shapes = {name: file[name].shape for name in file if hasattr(file[name], "shape")}
        arrays = json.loads(self.field(self.checkpoint(EVERY), "arrays"))
        for name, shape in shapes.items():
            self.assertEqual(arrays[name], f"float32 {list(shape)}")
        count = sum(shape[0] * (shape[1] if len(shape) > 1 else 1) for shape in shapes.values())
        self.assertEqual(self.field(self.checkpoint(EVERY), "parameters"), str(count))

    def test_json_has_the_same_values_as_field(self):
        fields = json.loads(run_well("inspect", self.run_folder, "--json"))
        for name in ("step", "epoch", "best_step", "best_loss", "code_version", "isa"):
            self.assertEqual(self.field(self.run_folder, name), str(fields[name]))
        self.assertEqual(fields["config"]["batch.slots"], "4")

    def test_text_has_a_line_for_each_field(self):
        fields, _, table = run_well("inspect", self.run_folder).partition("\n\n")
        lines = fields.splitlines()
        names = [line.split()[0] for line in lines]
        self.assertEqual(len(names), len(set(names)))
        self.assertTrue({"step", "config.model.cell", "parameters_hash"} <= set(names))
        self.assertEqual(table.splitlines()[0].split(), ["array", "shape", "parameters", "bytes", "operations"])
        self.assertEqual(table.splitlines()[-1].split()[1], self.field(self.run_folder, "parameters"))

    def test_two_checkpoints_are_compared(self):
        first, second = self.checkpoint(EVERY), self.checkpoint(2 * EVERY)
        lines = run_well("inspect", first, "--compare", second).splitlines()
        differing = {line.split()[0]: line.split()[1:] for line in lines}
        self.assertEqual(differing["step"], [str(EVERY), str(2 * EVERY)])
        self.assertIn("parameters_hash", differing)
        self.assertNotIn("config.model.cell", differing)
        self.assertEqual(run_well("inspect", first, "--compare", first), "no field differs\n")

    def test_things_of_different_kinds_are_not_compared(self):
        code, _, err = run("inspect", self.run_folder, "--compare", self.corpus)
        self.assertEqual(code, 64)
        self.assertIn("are things of different kinds", err)

    def test_a_corpus_tells_its_splits(self):
        fields = json.loads(run_well("inspect", self.corpus, "--json"))
        self.assertEqual(fields["kind"], "dna")
        labels = [sum(counts.values()) for counts in fields["label_counts"].values()]
        self.assertEqual(sum(labels), sum(RECORDS.values()))
        self.assertEqual(self.field(self.corpus / "corpus.json", "hash"), fields["hash"])
        self.assertEqual(self.field(self.corpus, "sequences.train"),
                         str(fields["sequences"]["train"]))

    def test_shards_add_up_to_their_split(self):
        shards = sorted(self.corpus.glob("train-*.h5"))
        self.assertEqual(self.field(self.corpus, "shards.train"), str(len(shards)))
        for name in ("sequences", "steps"):
            found = sum(int(self.field(shard, name)) for shard in shards)
            self.assertEqual(found, int(self.field(self.corpus, f"{name}.train")))

    def test_an_unknown_field_is_refused_with_those_there_are(self):
        self.fails(64, f"--field loss: {self.corpus} has no such field; it has: what, path, hash,",
                   "inspect", self.corpus, "--field", "loss")

    def test_what_is_none_of_ours_is_refused(self):
        self.fails(66, f"{self.folder}/no: there is no such path", "inspect", self.folder / "no")
        self.fails(66, f"{self.folder}: neither a run folder (no checkpoints/) nor a corpus folder",
                   "inspect", self.folder)
        self.fails(65, f"{self.folder}/genome.fa: neither a checkpoint nor a shard",
                   "inspect", self.folder / "genome.fa")
        self.fails(64, "inspect needs --path", "inspect")


if __name__ == "__main__":
    small_run.main()
