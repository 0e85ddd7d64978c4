"""Several prepared corpora in one training: the same bits on 1, 2 and 3 ranks, across a stop and after a kill; as many
sequences of each as its weight says in every epoch; and corpora that do not fit, or have changed, are named."""

import glob
import os
import random
import shutil
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from genome_case import GenomeCase
from program import Program, checkpoints_of, metrics_of

STEPS = 24


def sentences(seed, kind="PER"):
    """Sentences in columns: small words, and names that are tagged."""
    draw = random.Random(seed)
    made = [[(f"w{draw.randrange(9)}", "O") for _ in range(1 + n % 4)] + [(f"N{draw.randrange(5)}", f"B-{kind}")]
            for n in range(30)]  # fmt: skip
    return "\n".join("".join(f"{word}\t{tag}\n" for word, tag in one) for one in made)


class CorpusMixTest(GenomeCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.prepare_dna("corpus", {"a": 2000, "b": 3000, "long.name": 900, "v": 1000}, "--valid-records", "v")
        cls.prepare_dna("other", {"c": 1000, "d": 500})
        for name, seed, kind, more in ("tags", 1, "PER", ("--min-count", 1)), ("like", 2, "PER", ("--like",)), (
            "apart", 1, "LOC", ("--min-count", 1)):  # fmt: skip
            cls.write(f"{name}.tsv", sentences(seed, kind))
            more = [*more, f"{cls.folder}/tags"] if more == ("--like",) else more
            PROGRAM.run("prepare", "text", "--task", "tag", "--train", f"{cls.folder}/{name}.tsv", *more,
                        "--out", f"{cls.folder}/{name}")  # fmt: skip

    @classmethod
    def prepare_dna(cls, out, bases, *more):
        words = cls.write_genomes(bases)
        PROGRAM.run("prepare", "dna", *words, "--window", 50, "--shard-bytes", 1000, *more,
                    "--out", f"{cls.folder}/{out}")  # fmt: skip

    def mix(self, text):
        """The setting for "NAME=WEIGHT, ...", names being those of folders here."""
        return "data.mix=" + ", ".join(f"{self.folder}/{part}" for part in text.split(", "))

    def killed(self, settings):
        """The name of a run as a kill leaves it: its last checkpoint is older than its metrics."""
        self.train("killed", 0, STEPS, [*settings, "checkpoint.every=8", "checkpoint.keep=10"])
        run = f"{self.folder}/killed"
        for name in checkpoints_of(run)[1:]:
            os.remove(f"{run}/checkpoints/{name}")
        os.remove(f"{run}/done.json")
        return "killed"

    def test_has_the_same_bits_on_any_number_of_ranks_across_a_stop_and_after_a_kill(self):
        # 118 sequences of the corpus, weighted, and of the 24 of the other one 59 per epoch, in several windows.
        settings = [self.mix("other=0.5"), "data.source_weights=*=0.4, a.fa=2.5", "data.window_sequences=25",
                    "data.cut_steps=20"]  # fmt: skip
        expected = self.result("whole", settings, (0, 1, STEPS))
        self.assertEqual(self.result("shape", settings, (3, 2, STEPS)), expected)
        self.assertEqual(self.result("resumed", settings, (2, 1, 13), (0, 2, STEPS)), expected)
        run = self.killed(settings)
        self.assertIn("step 8", self.train(run, 2, STEPS, settings))
        self.assertEqual(metrics_of(f"{self.folder}/{run}"), expected[2])

    def test_the_report_tells_each_source_with_its_reads(self):
        self.train("told", 0, 1, [self.mix("other=0.5"), "data.source_weights=a.fa=2"])
        with open(PROGRAM.run("report", f"{self.folder}/told", "--no-samples").strip(), encoding="utf-8") as file:
            page = file.read()
        for row in (("a.fa", 40, 2000, 80), ("b.fa", 60, 3000, 60), ("long.name.fa", 18, 900, 18),
                    ("other", 24, 1200, 59)):  # fmt: skip
            self.assertTrue("".join(f"<td>{cell}</td>" for cell in row) in page, row)
        self.assertTrue("<td>train, all corpora</td><td>142</td>" in page)

    def test_reads_as_many_sequences_in_every_epoch_and_validates_on_the_corpus_alone(self):
        for mix, count in ("other=0.1", 12), ("other=1, corpus=0.25, other=0.5", 118 + 30 + 59), ("corpus=2", 236):
            with self.subTest(mix):
                text = self.train(f"run{count}", 0, 0, [self.mix(mix), "train.epochs=2", "validation.every=0"])
                self.assertIn("sequences per epoch, drawn from", text)
                lines = metrics_of(f"{self.folder}/run{count}")
                of_epoch = [sum(line["samples"] for line in lines if line["kind"] == "step" and line["epoch"] == epoch)
                            for epoch in range(2)]  # fmt: skip
                self.assertEqual(of_epoch, [118 + count] * 2)
                self.assertEqual([line["labels"] for line in lines if line["kind"] == "validation"], [1000] * 2)
        run = f"{self.folder}/run{count}"
        self.assertIn("ok", PROGRAM.run("verify", run))
        PROGRAM.run("evaluate", "--run", run, "--corpus", f"{self.folder}/corpus", "--split", "valid")

    def test_check_counts_the_sequences_of_an_epoch(self):
        text = PROGRAM.run("check", "--corpus", f"{self.folder}/corpus", "--set", self.mix("other=0.5"),
                           "--set", "train.steps=10")  # fmt: skip
        self.assertIn("with data.mix, an epoch has 177 sequences", text)

    def test_taggers_share_a_vocabulary(self):
        settings = [self.mix("like=0.5"), "data.random_strand=false"]
        text = self.train("tagger", 0, 4, settings, corpus="tags")
        self.assertIn('corpus "like": 15 sequences per epoch, drawn from 30', text)
        self.train("tagger2", 2, 4, settings, corpus="tags")
        self.assertEqual(metrics_of(f"{self.folder}/tagger"), metrics_of(f"{self.folder}/tagger2"))

    def refused(self, mix, message, code=64, corpus="corpus", run="bad"):
        settings = [self.mix(mix)] if corpus == "corpus" else [self.mix(mix), "data.random_strand=false"]
        self.assertRegex(self.train(run, 0, 4, settings, code=code, corpus=corpus), message)

    def test_corpora_that_do_not_fit_are_named_with_the_remedy(self):
        self.refused("apart=1", r"apart/corpus\.json does not fit \S*tags/corpus\.json: .*B-LOC.*, those of the other .*B-PER",
                     corpus="tags")  # fmt: skip
        self.refused("apart=1", r"prepare it again with --like \S*/tags, or, where `lockstep prepare text", corpus="tags")
        self.refused("tags=1", 'it has kind "text", the other "dna"; give corpora of one kind')
        self.refused("gone=1", "gone", code=66)

    def test_weights_that_make_no_sense_are_refused(self):
        for weight in "0", "-1", "nan", "inf", "2e9", "":
            self.refused(f"other={weight}", "is no weight; allowed are FOLDER=WEIGHT with commas between")
        self.refused("other=0.001", "asks for 0 sequences of corpus .*other")
        self.refused("other=1000", "allowed are 1 to 24000")

    def test_a_text_without_sequences_is_refused(self):
        self.write("text.txt", "a b a b\n" * 20)
        PROGRAM.run("prepare", "text", "--task", "lm", "--train", f"{self.folder}/text.txt",
                    "--out", f"{self.folder}/lm")  # fmt: skip
        self.refused("lm=1", "is one text for language models and has no sequences to draw", corpus="lm")

    def test_a_corpus_that_changed_between_two_starts_is_named(self):
        self.prepare_dna("changing", {"c": 1000})
        self.train("changed", 0, 2, [self.mix("changing=0.5")])
        self.assertIn("data.mix", self.train("changed", 0, 4, [], code=64), "it decides the bits of the run")
        shutil.rmtree(f"{self.folder}/changing")
        self.prepare_dna("changing", {"c": 1050})
        self.refused("changing=0.5", r"data\.mix names corpus \S*/changing with the hash .* was prepared again",
                     run="changed")  # fmt: skip

    def test_a_damaged_shard_is_named_in_its_folder(self):
        self.prepare_dna("damaged", {"c": 1000})
        path = sorted(glob.glob(f"{self.folder}/damaged/train-*.h5"))[0]
        with open(path, "ab") as file:
            file.write(b"x")
        self.refused("damaged=0.5", f"{path}: has", code=65)


if __name__ == "__main__":
    PROGRAM = GenomeCase.program = Program(os.path.abspath(sys.argv.pop(1)))
    unittest.main(verbosity=2)
