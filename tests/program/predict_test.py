#!/usr/bin/env python3
"""lockstep predict: GFF3 rows and logits of a genome, logits of a split."""

import gzip
import json
import math
import urllib.parse

import small_run
from small_run import NEEDS_H5PY, OVERLAP, RECORDS, WINDOW, h5py, run_well

CORE = WINDOW - 2 * OVERLAP
CLASSES = ["other", "coding+", "coding-"]


def read_rows(path):
    """(record, first, last, score, strand) of each row; checks the other columns."""
    lines = path.read_text().splitlines()
    assert lines[0] == "##gff-version 3"
    regions = [line for line in lines[1:] if line.startswith("##")]
    assert regions == [f"##sequence-region {urllib.parse.quote(name)} 1 {bases}" for name, bases in RECORDS.items()]
    rows = []
    for number, line in enumerate([line for line in lines if not line.startswith("##")], 1):
        seqid, source, kind, first, last, score, strand, phase, attributes = line.split("\t")
        assert (source, kind, attributes) == ("lockstep", "CDS", f"ID=cds{number}") and phase in "012"
        rows.append((urllib.parse.unquote(seqid), int(first), int(last), float(score), strand))
    return rows


def posterior(logits):
    """(class, its softmax) of one base."""
    best = max(range(len(logits)), key=lambda c: logits[c])
    return best, 1 / sum(math.exp(float(x) - float(logits[best])) for x in logits)


def probabilities(logits):
    """The softmax of one base."""
    shares = [math.exp(float(x) - float(max(logits))) for x in logits]
    return [share / sum(shares) for share in shares]


def logits_of(file):
    """The logits of each sequence, in the order of the file."""
    offsets = file["offsets"][()]
    return [file["logits"][begin:end] for begin, end in zip(offsets[:-1], offsets[1:])]


def labels_of_records(file):
    """For each record (class, posterior) of its bases, put together from the windows' cores."""
    records = [[None] * bases for bases in RECORDS.values()]
    for (record, start, _), window in zip(file["windows"][()], logits_of(file)):
        context = 0 if start == 0 else OVERLAP
        core = window[context:context + CORE]
        for t, logits in enumerate(core, start + context):
            assert records[record][t] is None, "cores overlap"
            records[record][t] = posterior(logits)
    return records


def rows_from_labels(records, min_length):
    rows = []
    for name, bases in zip(RECORDS, records):
        first = 0
        for t in range(1, len(bases) + 1):
            if t < len(bases) and bases[t][0] == bases[first][0]:
                continue
            label, scores = bases[first][0], [score for _, score in bases[first:t]]
            if label != 0 and t - first >= min_length:
                rows.append((name, first + 1, t, sum(scores) / len(scores), " +-"[label]))
            first = t
    return rows


class PredictTest(small_run.RunTest):

    def predict(self, name, *more, fasta="genome.fa", window=CORE + 2 * OVERLAP):
        """Paths of the rows and the logits of a genome, and what the program said."""
        out, logits = self.folder / f"{name}.gff3", self.folder / f"{name}.h5"
        said = run_well("predict", "--run", self.run_folder, "--fasta", self.folder / fasta,
                        "--out", out, "--logits", logits, "--features", "runs", "--window", window,
                        "--overlap", OVERLAP, *more)
        return out, logits, said

    def test_rows_lie_in_their_sequences_in_order(self):
        rows = read_rows(self.predict("order")[0])
        self.assertGreater(len(rows), len(RECORDS))
        self.assertEqual(list(RECORDS), sorted({row[0] for row in rows}))
        for record, bases in RECORDS.items():
            ends = [end for row in rows if row[0] == record for end in row[1:3]]
            self.assertEqual(ends, sorted(set(ends)))
            self.assertTrue(1 <= ends[0] and ends[-1] <= bases)
        self.assertEqual({row[4] for row in rows}, {"+", "-"})

    def test_runs_join_across_windows(self):
        rows = read_rows(self.predict("join")[0])
        self.assertGreater(max(last - first + 1 for _, first, last, _, _ in rows), 2 * CORE)

    @NEEDS_H5PY
    def test_rows_are_the_runs_of_likeliest_classes(self):
        for least in (1, 60):
            out, logits, _ = self.predict(f"runs{least}", "--min-length", least)
            with h5py.File(logits) as file:
                expected = rows_from_labels(labels_of_records(file), least)
            found = read_rows(out)
            self.assertEqual([(*row[:3], row[4]) for row in found],
                             [(*row[:3], row[4]) for row in expected])
            for row, wanted in zip(found, expected):
                self.assertAlmostEqual(row[3], wanted[3], places=4)

    @NEEDS_H5PY
    def test_logits_have_a_row_for_each_base_of_a_window(self):
        with h5py.File(self.predict("shapes")[1]) as file:
            self.assertEqual(file["classes"][()].decode().split("\n"), CLASSES)
            places, logits = file["windows"][()], logits_of(file)
            self.assertEqual(list(file["sample_ids"]), list(range(len(places))))
            self.assertEqual([len(window) for window in logits], [place[2] for place in places])
            self.assertEqual(file["logits"].shape, (sum(place[2] for place in places), len(CLASSES)))
            self.assertEqual([name.decode() for name in file["record_names"]], list(RECORDS))

    def test_the_number_of_threads_changes_no_byte(self):
        one, two = self.predict("one"), self.predict("two", "--threads", 2)
        for first, second in zip(one[:2], two[:2]):
            self.assertEqual(first.read_bytes(), second.read_bytes())

    def test_gzip_gives_the_same_rows(self):
        packed = self.folder / "genome.fa.gz"
        packed.write_bytes(gzip.compress((self.folder / "genome.fa").read_bytes()))
        plain, again = self.predict("plain"), self.predict("packed", fasta=packed.name)
        self.assertEqual(plain[0].read_bytes(), again[0].read_bytes())

    @NEEDS_H5PY
    def test_several_checkpoints_label_a_genome_by_the_mean_of_their_probabilities(self):
        of_step = [self.predict(f"step{step}", "--checkpoint", step)[1] for step in (20, 40)]
        _, both, said = self.predict("both", "--checkpoint", 40, "--ensemble", f"{self.run_folder}:20")
        self.assertIn("step-000000000040.h5 + ", said)
        with h5py.File(of_step[0]) as first, h5py.File(of_step[1]) as second, h5py.File(both) as mean:
            for rows in list(zip(*map(logits_of, (first, second, mean))))[::20]:
                for p, q, r in zip(*(map(probabilities, row) for row in rows)):
                    for wanted, found in zip(((x + y) / 2 for x, y in zip(p, q)), r):
                        self.assertAlmostEqual(found, wanted, places=5)

    def test_several_checkpoints_find_genes_together(self):
        """Twice the same one finds what it finds alone; genes of a file are found already."""
        words = ("evaluate", "--fasta", self.folder / "genome.fa", "--gff", self.folder / "genome.gff", "--json")
        newest = (*words, "--run", self.run_folder, "--checkpoint", "newest")
        alone, twice = (json.loads(run_well(*newest, *more)) for more in ((), ("--ensemble", self.run_folder)))
        checkpoint = alone.pop("checkpoint")
        self.assertTrue(checkpoint.endswith("step-000000000040.h5"), checkpoint)
        self.assertEqual(twice.pop("checkpoint"), f"{checkpoint} + {checkpoint}")
        self.assertEqual(twice, alone)
        self.assertIn(f"{checkpoint} (step 40) against ", run_well(*[word for word in newest if word != "--json"]))
        self.fails(64, "--ensemble: the name of a run is empty", *newest, "--ensemble", "")
        self.fails(64, "--ensemble goes with --run, which finds genes, not with --genes", *words, "--genes",
                   self.folder / "genome.gff", "--ensemble", self.run_folder)  # fmt: skip

    @NEEDS_H5PY
    def test_logits_of_a_genome_are_those_of_its_corpus(self):
        small_run.prepare(self.folder, self.folder / "all", "--test", "1-")
        of_corpus = self.folder / "all.h5"
        run_well("predict", "--run", self.run_folder, "--corpus", self.folder / "all", "--logits",
                 of_corpus)
        with h5py.File(self.predict("genome")[1]) as genome, h5py.File(of_corpus) as corpus:
            self.assertEqual(list(genome["offsets"]), list(corpus["offsets"]))
            for i, (first, second) in enumerate(zip(logits_of(genome), logits_of(corpus))):
                self.assertTrue((first == second).all(), f"window {i}")

    def other_strand(self, fasta):
        """A file with the sequences of a FASTA file, each read from its other strand."""
        name = f"other-{fasta}"
        lines = []
        for record in (self.folder / fasta).read_text().split(">")[1:]:
            head, *bases = record.split("\n")
            turned = "".join(bases)[::-1].translate(str.maketrans("ACGT", "TGCA"))
            lines += [f">{head}", turned]
        (self.folder / name).write_text("\n".join(lines) + "\n")
        return name

    @NEEDS_H5PY
    def test_both_strands_give_the_mean_of_what_each_gives(self):
        # One window per sequence, since windows are cut from the first base on.
        other = self.other_strand("genome.fa")
        runs = {"plus": ("genome.fa", "one"), "minus": (other, "one"), "both": ("genome.fa", "both"),
                "mirror": (other, "both")}  # fmt: skip
        logits = {}
        for name, (fasta, strands) in runs.items():
            _, path, _ = self.predict(f"strand-{name}", "--strands", strands, fasta=fasta, window=20000)
            with h5py.File(path) as file:
                logits[name] = logits_of(file)
        turn = [0, 2, 1]  # the classes of the other strand
        for plus, minus, both, mirror in zip(*logits.values()):
            self.assertFalse((plus == both).all())
            self.assertTrue((both == (plus + minus[::-1, turn]) * 0.5).all())
            self.assertTrue((both == mirror[::-1, turn]).all())

    @NEEDS_H5PY
    def test_logits_of_a_split_give_the_accuracy_of_evaluate(self):
        logits = self.folder / "test.h5"
        run_well("predict", "--run", self.run_folder, "--corpus", self.corpus, "--split", "test",
                 "--logits", logits, "--threads", 2)
        correct = labels = 0
        with h5py.File(logits) as file, h5py.File(self.corpus / "test-00000.h5") as shard:
            logits = logits_of(file)
            self.assertEqual(list(shard["sample_ids"]), list(file["sample_ids"]))
            for i in range(len(logits)):
                begin, end = shard["offsets"][i:i + 2]
                targets = shard["targets"][begin:end]
                found = logits[i].argmax(axis=1)
                correct += int((found == targets)[targets != 255].sum())
                labels += int((targets != 255).sum())
        evaluated = self.evaluation()
        self.assertEqual((correct, labels), (evaluated["correct"], evaluated["labels"]))
        self.assertEqual(correct / labels, evaluated["accuracy"])

    def test_it_says_what_it_wrote(self):
        out, _, said = self.predict("said")
        bases, rows = sum(RECORDS.values()), len(read_rows(out))
        windows = sum(math.ceil(bases / CORE) for bases in RECORDS.values())
        self.assertIn(f"{out}: {rows} rows; {bases} bases in {windows} windows labelled", said)
        self.assertIn(" bases/s", said)

    def test_bad_input_is_refused_and_leaves_nothing(self):
        genome, out = self.folder / "genome.fa", self.folder / "refused.gff3"
        empty, taken = self.folder / "empty.fa", self.folder / "taken.gff3"
        empty.write_text("")
        taken.write_text("kept")
        to = ("--run", self.run_folder, "--out")
        before = sorted(self.folder.iterdir())
        self.fails(66, f"cannot read run {self.folder}/no: there is no such folder", "predict",
                   "--run", self.folder / "no", "--fasta", genome, "--out", out)
        self.fails(66, f"{self.folder}/no.fa: No such file", "predict", *to, out, "--fasta",
                   self.folder / "no.fa")
        self.fails(65, f"{empty}: holds no FASTA record", "predict", *to, out, "--fasta", empty)
        self.fails(73, f"cannot create {taken}: it exists", "predict", *to, taken, "--fasta",
                   genome)
        self.fails(66, "step-000000000007.h5: No such file", "predict", *to, out, "--fasta", genome,
                   "--checkpoint", 7)
        self.fails(64, "--corpus needs --logits", "predict", "--run", self.run_folder, "--corpus",
                   self.corpus)
        self.assertEqual(before, sorted(self.folder.iterdir()))
        self.assertEqual(taken.read_text(), "kept")


if __name__ == "__main__":
    small_run.main()
