"""Corpora, runs and evaluations have the bits that known_bits.json holds. The program may be rebuilt around them;
what a configuration gives may never change.

    tests/program/known_bits_test.py build/release/lockstep [--ranks N] [--record] [NAMES OF TESTS]

The table was made by release 0.1.0, except for "whistles", whose copies at another speed have other bits since
recordings are resampled by a filter of our own. --record adds what known_runs.py has and the table has not, and changes no entry.
Runs are on AVX2, which gives the bits of AVX-512, too; those in bf16, which were recorded with AVX512_BF16, as well.
"""

import argparse
import hashlib
import json
import pathlib
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
for place in ("support", "launch"):
    sys.path.insert(0, str(HERE.parent / place))
import known_runs
from build_parts import has_speech
from known_runs import EVALUATIONS, RUNS, needs_bf16
from program import Program, flags_of_processor

TABLE = HERE / "known_bits.json"
UNSTABLE = {"seconds", "checkpoint"}  # fields of an evaluation that are times and paths


class Table:
    """What is known, by section and name; and in a recording, what was found and not known."""

    def __init__(self, path, recording):
        self.path, self.recording = path, recording
        self.entries = json.loads(path.read_text()) if path.exists() else {}

    def check(self, test, section, name, found):
        """Fields that are found and not known are new ones and no fault; one that is known must be there."""
        known = self.entries.setdefault(section, {})
        if self.recording:
            known.setdefault(name, found)
        if not known.get(name):
            test.fail(f'{self.path.name} has nothing for "{name}" in "{section}"; add it with --record, '
                      "by a program that is known to be right")  # fmt: skip
        for field, value in known[name].items():
            if found.get(field) != value:
                test.fail(f'{section}, "{name}": {field} is {found.get(field)}, {self.path.name} has {value}; these '
                          "bits may never change: undo what changed them, and leave the table as it is")  # fmt: skip

    def save(self):
        self.path.write_text(json.dumps(self.entries, indent=1, sort_keys=True) + "\n")


def exact_json(text):
    """The object with each number as the text that it was written with."""
    return json.loads(text, parse_float=str, parse_int=str)


def bits_of_corpus(folder):
    """The corpus' own hash, its format, and one hash of the names and bytes of all files."""
    every = hashlib.sha256()
    for file in sorted(folder.iterdir()):
        every.update(f"{file.name} {hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    index = exact_json((folder / "corpus.json").read_text())
    return {"hash": index["hash"], "format_version": index["format_version"], "sha256": every.hexdigest()}


def losses_of(run):
    """The exact loss of the last step and those of all validations, from metrics.jsonl."""
    lines = [exact_json(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    losses = {kind: [line["loss"] for line in lines if line["kind"] == kind] for kind in ("step", "validation")}
    return {"last_loss": losses["step"][-1], "validation_losses": losses["validation"]}


class KnownBits(unittest.TestCase):
    program, table, ranks, speech = None, None, 0, True  # set by main

    @classmethod
    def setUpClass(cls):
        holder = tempfile.TemporaryDirectory(prefix="lockstep-test-")
        cls.addClassCleanup(holder.cleanup)
        cls.folder = pathlib.Path(holder.name)
        cls.corpora = known_runs.prepare_corpora(cls.program, cls.folder, cls.speech)
        cls.runs = {}  # those trained, by name

    def trained(self, name):
        """The folder of a run, which is trained when it is asked for the first time."""
        if name not in self.runs:
            run = self.folder / f"run-{len(self.runs)}"
            settings = known_runs.final_settings(name, self.corpora)
            settings = [word for item in settings.items() for word in ("--set", "=".join(item))]
            corpus = self.corpora[RUNS[name][0]]
            self.program.run("train", "--corpus", corpus, "--run", run, *settings, ranks=self.ranks)
            self.runs[name] = run
        return self.runs[name]

    def check_runs(self, names):
        self.assertTrue(names)
        for name in names:
            with self.subTest(name):
                run = self.trained(name)
                found = self.program.run("inspect", run, "--field", "parameters_hash").strip()
                self.table.check(self, "runs", name, {"parameters_hash": found, **losses_of(run)})

    def evaluation(self, run, more):
        corpus = self.corpora[RUNS[run][0]]
        words = ["evaluate", "--run", self.trained(run), "--corpus", corpus, "--json", *more]
        text = self.program.run(*words, ranks=self.ranks)
        found = exact_json(next(line for line in text.splitlines() if line.startswith("{")))
        return {field: value for field, value in found.items() if field not in UNSTABLE}

    def test_corpora_are_written_as_before(self):
        for name, folder in self.corpora.items():
            with self.subTest(name):
                self.table.check(self, "corpora", name, bits_of_corpus(folder))

    def test_runs_on_dna_have_the_known_bits(self):
        self.check_runs([name for name in RUNS if name.startswith("dna") and not needs_bf16(name)])

    def test_runs_on_music_have_the_known_bits(self):
        self.check_runs([name for name in RUNS if name.startswith("music")])

    def test_runs_on_language_have_the_known_bits(self):
        self.check_runs([name for name in RUNS if name.startswith("language")])

    def test_runs_on_proteins_have_the_known_bits(self):
        self.check_runs([name for name in RUNS if name.startswith("protein")])

    def test_runs_on_tagged_words_have_the_known_bits(self):
        self.check_runs([name for name in RUNS if name.startswith("tagged")])

    def test_runs_on_translation_have_the_known_bits(self):
        self.check_runs([name for name in RUNS if name.startswith("translation")])

    def test_runs_on_speech_have_the_known_bits(self):
        if not self.speech:
            self.skipTest("this build has no speech")
        self.check_runs([name for name in RUNS if not name.startswith(known_runs.PLAIN) and not needs_bf16(name)])

    def test_runs_in_bf16_have_the_known_bits(self):
        self.check_runs([name for name in RUNS if needs_bf16(name) and RUNS[name][0] in self.corpora])

    def test_evaluations_print_the_known_figures(self):
        for name, (run, more) in EVALUATIONS.items():
            if RUNS[run][0] not in self.corpora:
                continue  # of speech
            with self.subTest(name):
                self.table.check(self, "evaluations", name, self.evaluation(run, more))

    def test_the_table_has_no_entry_that_is_not_compared(self):
        for section, names in {"corpora": known_runs.CORPORA, "runs": RUNS, "evaluations": EVALUATIONS}.items():
            self.assertLessEqual(set(self.table.entries.get(section, {})), set(names), section)

    def test_each_run_of_the_table_shows_a_setting_at_work(self):
        """Two runs with the same bits say no more than one, unless their gates are computed again."""
        runs = self.table.entries.get("runs", {})
        # An average of parameters shows in validations alone.
        results = [(entry["parameters_hash"], *entry["validation_losses"])
                   for name, entry in runs.items() if "computed again" not in name]  # fmt: skip
        self.assertEqual(len(set(results)), len(results))

    def test_gates_that_are_computed_again_change_no_bit(self):
        runs, suffix = self.table.entries.get("runs", {}), ", gates computed again"
        again = [name for name in runs if name.endswith(suffix)]
        self.assertTrue(again)
        for name in again:
            self.assertEqual(runs[name], runs.get(name.removesuffix(suffix)), name)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("lockstep")
    parser.add_argument("--ranks", type=int, default=0, help="ranks under mpirun; default: none, the program alone")
    parser.add_argument("--record", action="store_true", help="add to the table what it does not have")
    arguments, others = parser.parse_known_args()
    missing = {"avx2", "fma"} - set(flags_of_processor())
    if missing:
        print(f"skipped: the table is of AVX2, and this processor has no {' and no '.join(sorted(missing))}")
        sys.exit(77)
    KnownBits.program, KnownBits.ranks = Program(str(pathlib.Path(arguments.lockstep).resolve())), arguments.ranks
    KnownBits.speech = has_speech(arguments.lockstep)
    KnownBits.table = Table(TABLE, arguments.record)
    result = unittest.main(argv=[sys.argv[0], *others], verbosity=2, exit=False).result
    if arguments.record:
        KnownBits.table.save()
    sys.exit(0 if result.wasSuccessful() else 1)


if __name__ == "__main__":
    main()
