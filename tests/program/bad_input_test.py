"""Bad input ends with a message that says what is wrong, where, and what to do, and with the right exit
code; nothing that was there before is lost. Each case is a command and its whole message."""

import json
import os
import re
import subprocess
import tempfile
import unittest

import small_run
from small_run import run

FASTA = ">a\nACGTACGTAC\n>b\nACGT\n"
GFF = "##gff-version 3\na\tx\tCDS\t2\t5\t.\t+\t0\tID=1\n"
TINY = ["--set", "model.hidden_size=4", "--set", "checkpoint.every=1"]


class BadInputTest(unittest.TestCase):
    def setUp(self):
        self.kept = os.getcwd()
        self.folder = tempfile.TemporaryDirectory()
        os.chdir(self.folder.name)
        self.write("ok.fa", FASTA)
        self.write("ok.gff", GFF)

    def tearDown(self):
        os.chdir(self.kept)
        self.folder.cleanup()

    def write(self, name, text):
        with open(name, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())

    def prepare(self, fasta="ok.fa", gff="ok.gff", out="corpus"):
        return run("prepare", "dna", "--fasta", fasta, "--gff", gff, "--out", out, "--window", 4,
                   "--train", "1-10", "--test", "11-")  # fmt: skip

    def train(self, *words, out="run"):
        return run("train", "--corpus", "corpus", "--run", out, *words)

    def expect(self, result, code, message):
        self.assertEqual(result[0], code, result[2])
        self.assertIn(f"lockstep: error: {message}", result[2])

    def flip(self, name, at):
        with open(name, "r+b") as file:
            file.seek(at)
            byte = file.read(1)[0]
            file.seek(at)
            file.write(bytes([byte ^ 1]))

    def test_a_corpus_is_no_run_folder(self):
        self.assertEqual(self.prepare()[0], 0)
        self.assertEqual(self.prepare(out="other")[0], 0)
        with open("other/corpus.json", "rb") as file:
            before = file.read()
        for out in ("other", "corpus"):
            self.expect(self.train("--steps", 1, *TINY, out=out), 64,
                        f"--run {out}: the folder holds a corpus; give another one for the run\n")  # fmt: skip
        with open("other/corpus.json", "rb") as file:
            self.assertEqual(file.read(), before)

    def test_a_start_leaves_unfinished_files_of_other_programs(self):
        self.assertEqual(self.prepare()[0], 0)
        self.assertEqual(self.train("--steps", 1, *TINY)[0], 0)
        self.write("run/.tmp-1-2-3-genes.gff3", "half")
        self.write("run/.tmp-1-2-3-my-config.toml", "half")
        for name in (".tmp-1-2-3-metrics.jsonl", ".tmp-witness-0011223344556677-12"):
            self.write(f"run/{name}", "half")
        self.assertEqual(self.train("--steps", 2, *TINY)[0], 0)
        self.assertTrue(os.path.exists("run/.tmp-1-2-3-genes.gff3"))
        self.assertEqual(sorted(name for name in os.listdir("run") if name.startswith(".tmp")),
                         [".tmp-1-2-3-genes.gff3", ".tmp-1-2-3-my-config.toml"])  # fmt: skip

    def test_missing_file(self):
        self.expect(self.prepare(fasta="none.fa"), 66, "cannot open none.fa: No such file or directory\n")

    def test_empty_fasta(self):
        self.write("empty.fa", "")
        self.expect(self.prepare(fasta="empty.fa"), 65,
                    'empty.fa: holds no FASTA record; a record begins with a line ">name"\n')  # fmt: skip

    def test_letters_outside_the_alphabet(self):
        self.write("letter.fa", ">a\nACGT\nAC!T\n")
        self.expect(self.prepare(fasta="letter.fa"), 65,
                    'letter.fa:3: column 3: "!" is no base; allowed are A C G T U and the ambiguity codes '
                    "N R Y S W K M B D H V, in upper or lower case\n")  # fmt: skip

    def test_gff_row_off_the_sequence(self):
        self.write("off.gff", GFF.replace("2\t5", "8\t15"))
        self.expect(self.prepare(gff="off.gff"), 65,
                    'off.gff:2: CDS row 8-15 runs off the end of sequence "a", which has 10 bases '
                    "in ok.fa; is it the annotation of this assembly? ")  # fmt: skip

    def test_truncated_gzip(self):
        import gzip

        self.write("cut.fa.gz", gzip.compress(FASTA.encode(), mtime=0)[:-9])
        code, _, err = self.prepare(fasta="cut.fa.gz")
        self.assertEqual(code, 65)
        self.assertIn("cannot unpack cut.fa.gz: the gzip stream ends early: the file is cut short at byte", err)

    def forge(self, edit):
        """Changes corpus.json, with the hash that the program itself says is right."""
        with open("corpus/corpus.json") as file:
            document = json.load(file)
        edit(document)
        self.write("corpus/corpus.json", json.dumps(document))
        error = self.train("--set", "train.steps=1")[2]
        document["hash"] = re.search(r"its content has (\w+)", error)[1]
        self.write("corpus/corpus.json", json.dumps(document))

    def test_a_corpus_that_claims_more_than_its_files_hold(self):
        self.prepare()
        steps, size = 10**15, os.path.getsize("corpus/train-00000.h5")

        def claim_steps(document):
            split = document["splits"]["train"]
            for claim in [split, split["shards"][0]]:
                claim["steps"], claim["longest"] = steps, steps - split["sequences"]

        self.forge(claim_steps)
        self.expect(self.train("--set", "train.steps=1"), 65,
                    "corpus/corpus.json: /splits/train/shards/0 claims 1000000000000000 x 1 bytes of "
                    'rows of "inputs" at offset ')  # fmt: skip

        def claim_bytes(document):
            document["splits"]["train"]["shards"][0]["bytes"] = 10**16

        self.forge(claim_bytes)
        for verb in [["check"], ["train", "--run", "run"]]:
            self.expect(run(*verb, "--corpus", "corpus", "--set", "train.steps=1"), 65,
                        f"corpus/train-00000.h5: has {size} bytes, corpus.json says 10000000000000000; "
                        "restore the file or prepare the corpus again\n")  # fmt: skip

    def test_predict_measures_a_corpus_that_claims_more(self):
        self.prepare()
        self.assertEqual(self.train("--steps", 1, out="trained")[0], 0)
        size = os.path.getsize("corpus/train-00000.h5")

        def claim_bytes(document):
            document["splits"]["train"]["shards"][0]["bytes"] = 10**16

        self.forge(claim_bytes)
        self.expect(run("predict", "--run", "trained", "--corpus", "corpus", "--split", "train", "--logits", "l.h5"), 65,
                    f"corpus/train-00000.h5: has {size} bytes, corpus.json says 10000000000000000; "
                    "restore the file or prepare the corpus again\n")  # fmt: skip
        self.assertFalse(os.path.exists("l.h5"))

    def test_an_existing_corpus_is_not_replaced(self):
        self.assertEqual(self.prepare()[0], 0)
        with open("corpus/corpus.json", "rb") as file:
            before = file.read()
        self.assertEqual(self.prepare()[0], 73)
        with open("corpus/corpus.json", "rb") as file:
            self.assertEqual(file.read(), before)

    def test_corpus_of_another_version(self):
        self.prepare()
        with open("corpus/corpus.json") as file:
            text = file.read()
        self.write("corpus/corpus.json", text.replace('"format_version": 1', '"format_version": 5'))
        self.expect(self.train("--steps", 1), 65,
                    "corpus/corpus.json: format version 5, this program reads 1 to 4; prepare the corpus again, or "
                    "use the program that made it\n")  # fmt: skip

    @small_run.NEEDS_H5PY
    def test_flipped_byte_in_a_shard_is_found_when_it_is_read(self):
        self.prepare()
        with small_run.h5py.File("corpus/train-00000.h5") as file:
            at = file["inputs"].id.get_offset() + 5
        self.flip("corpus/train-00000.h5", at)
        self.expect(self.train("--steps", 1), 65,
                    'corpus/train-00000.h5: dataset "inputs" record 1 (sample 1): checksum does not match: the '
                    "bytes are damaged; restore the file or prepare the corpus again\n")  # fmt: skip

    def test_flipped_byte_in_a_checkpoint_is_named_and_the_one_before_is_used(self):
        self.prepare()
        self.assertEqual(self.train("--steps", 2, *TINY)[0], 0)
        self.flip("run/checkpoints/step-000000000002.h5", 2000)
        code, _, err = self.train("--steps", 3, *TINY)
        self.assertEqual(code, 0, err)
        self.assertIn("warning: checkpoint run/checkpoints/step-000000000002.h5 is damaged and skipped", err)
        self.assertIn("resumed at step 1", err)
        self.assertTrue(os.path.exists("run/checkpoints/step-000000000002.h5.damaged"))

    def test_all_checkpoints_damaged_is_no_fresh_start(self):
        self.prepare()
        self.train("--steps", 1, *TINY)
        self.flip("run/checkpoints/step-000000000001.h5", 2000)
        self.assertEqual(self.train("--steps", 3, *TINY)[0], 65)

    def test_unknown_configuration_key(self):
        self.write("bad.toml", '[model]\nhiden_size = 3\nlayers = "x"\n')
        self.prepare()
        self.expect(self.train("--config", "bad.toml", "--steps", 1), 64,
                    "the configuration cannot be used:\n"
                    '  bad.toml:2: unknown configuration key "model.hiden_size"; did you mean '
                    '"model.hidden_size"?\n'
                    '  bad.toml:3: model.layers is "x"; allowed is a whole number 0 to 1000\n')  # fmt: skip

    def test_a_full_standard_output(self):
        with open("/dev/full", "w") as full:
            found = subprocess.run([small_run.LOCKSTEP, "train", "--help-config"], stdout=full, stderr=subprocess.PIPE,
                                   text=True, check=False)  # fmt: skip
        self.assertEqual(found.returncode, 74)
        self.assertIn("cannot write to standard output", found.stderr)

    def test_a_name_with_signs_of_control_is_shown_without_them(self):
        code, _, err = run("train", "--config", "a\x1b[31mb.toml", "--corpus", "c", "--run", "r")
        self.assertEqual(code, 66)
        self.assertIn("a<U+001B>[31mb.toml", err)
        self.assertNotIn("\x1b", err)

    def test_strings_of_a_configuration_come_back_as_they_were(self):
        setting = 'data.source_weights=a"b\\c.fa=2'
        dump = run("train", "--dump-config", "--set", setting)[1]
        with open("dumped.toml", "w") as file:
            file.write(dump)
        self.assertEqual(run("train", "--dump-config", "--config", "dumped.toml")[1], dump)

    def test_more_workers_than_slots(self):
        self.prepare()
        code, _, err = self.train("--steps", 1, "--threads", 9, "--set", "batch.slots=8")
        self.assertEqual(code, 0, err)
        self.assertIn(
            "1 ranks x 9 threads = 9 workers, but batch.slots is 8, and a worker without a slot has nothing to compute; "
            "use 8 workers, or start a new run, whose results will have other bits, with batch.slots = 9 and "
            "batch.sequences = 36 or more\n", err)  # fmt: skip

    def test_configuration_that_differs_from_the_runs(self):
        self.prepare()
        self.train("--steps", 1, *TINY)
        settings = ["--set", "model.hidden_size=5", "--set", "clip.max_norm=3"]
        self.expect(self.train("--steps", 2, *settings), 64,
                    "run run (step 1) was started with another configuration:\n"
                    "  clip.max_norm is 1 in the run, 3 now\n"
                    "  model.hidden_size is 4 in the run, 5 now\n"
                    "  use the run's configuration, or another --run for the new one\n")  # fmt: skip

    def test_run_of_another_corpus(self):
        self.prepare()
        self.train("--steps", 1, *TINY)
        os.rename("corpus", "first")
        self.write("ok.fa", FASTA.replace("ACGTACGTAC", "ACGTACGTAA"))
        self.prepare()
        code, _, err = self.train("--steps", 2, *TINY)
        self.assertEqual(code, 64)
        self.assertIn("lockstep: error: run run was started on the corpus with hash", err)


if __name__ == "__main__":
    small_run.main()
