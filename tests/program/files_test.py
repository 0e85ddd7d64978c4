#!/usr/bin/env python3
"""Files as people have them: line ends of every kind, marks, packings, wrong kinds of files, annotations in all their
forms, several genomes. Each case is a command on tiny files made here, and what must come of it."""

import bz2
import gzip
import io
import json
import lzma
import os
import pathlib
import random
import re
import shutil
import tarfile
import tempfile
import unittest
import zipfile

import small_run
from small_run import run, run_well

HEADER = "##gff-version 3\n"


def bases(count, seed):
    return "".join(random.Random(seed).choices("ACGT", k=count))


def fasta(end="\n", width=60, **records):
    lines = []
    for name, letters in records.items():
        lines += [f">{name} made up"] + [letters[at : at + width] for at in range(0, len(letters), width)]
    return end.join(lines + [""])


def row(seqid, kind, first, last, strand="+", attributes="ID=x", phase="0"):
    return "\t".join([seqid, "made", kind, str(first), str(last), ".", strand, phase, attributes]) + "\n"


A, B = bases(1800, 1), bases(1200, 2)
GENES = HEADER + row("a", "CDS", 101, 400) + row("a", "CDS", 601, 900, "-") + row("b", "CDS", 301, 600)


class FilesTest(unittest.TestCase):
    def setUp(self):
        self.kept = os.getcwd()
        self.folder = tempfile.TemporaryDirectory()
        os.chdir(self.folder.name)
        self.corpora = 0
        self.write("genome.fa", fasta(a=A, b=B))
        self.write("genes.gff", GENES)

    def tearDown(self):
        os.chdir(self.kept)
        self.folder.cleanup()

    def write(self, name, text):
        pathlib.Path(name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return name

    def words(self, fasta_file="genome.fa", gff="genes.gff", *more):
        self.corpora += 1
        return ["prepare", "dna", "--fasta", fasta_file, "--gff", gff, "--window", 256, "--overlap", 32,
                "--out", f"corpus{self.corpora}", *more]  # fmt: skip

    def labels(self, *words):
        """Counts of other, coding+, coding- in all splits, and what was said on standard error."""
        code, out, err = run(*self.words(*words))
        self.assertEqual(code, 0, err)
        info = json.loads(pathlib.Path(f"corpus{self.corpora}/corpus.json").read_text())
        counts = [split["label_counts"] for split in info["splits"].values()]
        self.said = out + err
        return [sum(column) for column in zip(*counts)]

    def refused(self, message, *words, code=65):
        found, _, err = run(*self.words(*words))
        self.assertEqual(found, code, err)
        self.assertIn(message, err)

    def test_lines_end_in_any_way(self):
        whole = self.labels()
        self.assertEqual(whole, [2100, 600, 300])
        text = fasta(a=A, b=B)
        for changed in (text.replace("\n", "\r"), text.replace("\n", "\r\n"), text.replace(" made up\n", "\r"),
                        "\ufeff" + text, text.replace("\n", "\r", 9)):  # fmt: skip
            self.assertEqual(self.labels(self.write("other.fa", changed)), whole)
        for changed in (GENES.replace("\n", "\r"), GENES.replace("\n", "\r\n"), "\ufeff" + GENES):
            self.assertEqual(self.labels("genome.fa", self.write("other.gff", changed)), whole)

    def test_names_in_latin_1_are_names(self):
        self.write("latin.fa", fasta(**{"caf\xe9": A}).encode("latin-1"))
        self.write("latin.gff", (HEADER + "# \xe9\n" + row("caf\xe9", "CDS", 1, 90)).encode("latin-1"))
        self.assertEqual(self.labels("latin.fa", "latin.gff"), [1710, 90, 0])
        self.refused('CDS row on sequence "caf<0xE9>", which genome.fa does not have', "genome.fa", "latin.gff")

    def test_what_follows_gzip_data_is_told(self):
        packed, whole = gzip.compress(fasta(a=A, b=B).encode()), self.labels()
        self.assertEqual(self.labels(self.write("g.fa.gz", packed + bytes(512))), whole)
        self.assertEqual(self.said.count("g.fa.gz: passed over 512 zero bytes after the gzip data"), 1)
        self.assertEqual(self.labels(self.write("g.fa.gz", packed + b"a note\n")), whole)
        self.assertIn(f"what follows from byte {len(packed) + 1} on, after", self.said)
        half = len(fasta(a=A))
        members = [gzip.compress(part) for part in (fasta(a=A, b=B).encode()[:half], fasta(a=A, b=B).encode()[half:])]
        self.assertEqual(self.labels(self.write("g.fa.gz", bytes(9).join(members))), whole)
        for size in (len(packed) // 2, len(packed) - 1):
            self.refused("the file is cut short", self.write("g.fa.gz", packed[:size]))

    def test_other_kinds_of_files_are_named(self):
        text = fasta(a=A, b=B).encode()
        archive, table = io.BytesIO(), io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w") as tar:
            tar.add("genome.fa")
        with zipfile.ZipFile(table, "w") as zipped:
            zipped.writestr("genome.fa", text)
        kinds = {"compressed with xz; unpack it with `unxz < x.fa > FILE`": lzma.compress(text),
                 "compressed with bzip2; unpack it with `bunzip2 < x.fa > FILE`": bz2.compress(text),
                 "compressed with zstd": b"\x28\xb5\x2f\xfd" + text,
                 "a zip archive": table.getvalue(),
                 "a tar archive; unpack it with `tar -xf x.fa`": archive.getvalue(),
                 "a tar archive": gzip.compress(archive.getvalue()),
                 "an HTML page": b"\n<!DOCTYPE HTML><html><title>404 Not Found</title></html>",
                 "run `git lfs pull`": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n",
                 "iconv -f UTF-16 -t UTF-8": text.decode().encode("utf-16"),
                 "iconv -f UTF-16BE -t UTF-8": text.decode().encode("utf-16-be"),
                 "text in UTF-32": text.decode().encode("utf-32")}  # fmt: skip
        for message, content in kinds.items():
            with self.subTest(message):
                self.refused(message, self.write("x.fa", content))
                self.write("x.fa", content)
                self.refused(message, "genome.fa", "x.fa")

    def test_remedies_work(self):
        text = fasta(a=A, b=B)
        for content in (text.encode("utf-16"), text.encode("utf-16-le"), lzma.compress(text.encode()),
                        bz2.compress(text.encode()), gzip.compress(gzip.compress(text.encode()))):  # fmt: skip
            _, _, err = run(*self.words(self.write("other.fa", content)))
            self.assertEqual(os.system(re.search("`(.*?)`", err)[1].replace("FILE", "right.fa")), 0, err)
            self.assertEqual(self.labels("right.fa"), self.labels())

    def test_rows_over_the_origin(self):
        region = row("p", "region", 1, 1800, attributes="ID=p;Is_circular=true", phase=".")
        self.write("p.fa", fasta(p=A))
        over = self.write("over.gff", HEADER + region + row("p", "CDS", 1701, 1950) + row("p", "CDS", 1500, 1599, "-"))
        parts = self.write("parts.gff", HEADER + row("p", "CDS", 1701, 1800) + row("p", "CDS", 1, 150)
                           + row("p", "CDS", 1500, 1599, "-"))  # fmt: skip
        self.assertEqual(self.labels("p.fa", over), self.labels("p.fa", parts))
        self.write("minus.gff", HEADER + row("p", "CDS", 1751, 1810, "-") + region)
        self.assertEqual(self.labels("p.fa", "minus.gff"), [1740, 0, 60])
        self.write("straight.gff", HEADER + row("p", "CDS", 1701, 1950))
        self.refused("is it the annotation of this assembly?", "p.fa", "straight.gff")
        self.write("twice.gff", HEADER + region + row("p", "CDS", 1, 3601))
        self.refused("it is circular, so a row may end after the origin", "p.fa", "twice.gff")

    def test_regions_of_another_assembly(self):
        self.write("long.gff", HEADER + "##sequence-region a 1 2400\n" + GENES)
        self.refused('long.gff:2: says that sequence "a" has 2400 bases', "genome.fa", "long.gff")
        self.write("short.gff", HEADER + "##sequence-region a 1 1700\n##sequence-region b 1 1200\n" + GENES)
        self.assertEqual(self.labels("genome.fa", "short.gff"), [2100, 600, 300])
        self.assertIn("is it the annotation of this assembly?", self.said)
        self.assertNotIn('sequence "b"', self.said)

    def test_other_rows_of_another_assembly(self):
        self.write("beyond.gff", GENES + row("a", "gene", 1700, 1900) + row("a", "gene", 2000, 2400)
                   + row("c", "gene", 1, 9))  # fmt: skip
        self.assertEqual(self.labels("genome.fa", "beyond.gff"), [2100, 600, 300])
        self.assertIn('beyond.gff:5: 2 rows of other types run off the end of their sequences, the first of "a"',
                      self.said)  # fmt: skip
        self.assertIn('beyond.gff:7: 1 rows of other types lie on sequences that genome.fa does not have, the first '
                      'on "c"', self.said)  # fmt: skip

    def test_coding_rows_of_other_names(self):
        self.write("names.gff", GENES + row("a", "cds", 1001, 1100) + row("b", "SO:0000316", 1, 100, "-"))
        self.assertEqual(self.labels("genome.fa", "names.gff"), [1900, 700, 400])
        self.write("mixed.gff", GENES + row("a", "gene", 1, 900) + row("a", "gene", 950, 990) + row("b", "tRNA", 5, 9))
        self.labels("genome.fa", "mixed.gff")
        self.assertIn('rows of other types, passed over: "gene" 2, "tRNA" 1', self.said)
        self.write("none.gff", HEADER + row("a", "exon", 1, 90))
        self.refused('the types "exon" 1', "genome.fa", "none.gff")

    def test_gtf_and_gff2(self):
        text = 'gene_id "g1"; transcript_id "t1";'
        self.write("genes.gtf", "#!genome-build x\n" + row("a", "gene", 1, 300, attributes=text)
                   + row("a", "CDS", 1, 297, attributes=text) + row("a", "stop_codon", 298, 300, attributes=text)
                   + row("b", "CDS", 4, 90, "-", text) + row("b", "stop_codon", 1, 3, "-", text))  # fmt: skip
        self.assertEqual(self.labels("genome.fa", "genes.gtf"), [2610, 300, 90])
        self.assertIn("read as GTF: 2 rows of type stop_codon are coding, too", self.said)
        self.write("old.gff", "##gff-version 2\na\tmade\tCDS\t1\t90\t.\t+\t0\nb\tmade\tCDS\t1\t90\t.\t-\t.\tGene x\n")
        self.assertEqual(self.labels("genome.fa", "old.gff"), [2820, 90, 90])

    def test_sequences_without_rows_are_named(self):
        self.write("half.gff", HEADER + row("a", "CDS", 101, 400))
        self.labels("genome.fa", "half.gff")
        self.assertIn('1 of 2 sequences have no CDS row, so all their bases are "other": "b"', self.said)

    def several(self, *more):
        run_well(*(["prepare", "dna", "--window", 256, "--out", "several"] + list(more)))
        info = json.loads(pathlib.Path("several/corpus.json").read_text())
        return {name: split["steps"] for name, split in info["splits"].items()}

    def test_two_genomes_tested_on_a_third(self):
        os.mkdir("in")
        for number, name in enumerate("xyz"):
            self.write(f"in/{name}.fa", fasta(chr1=bases(700 + number, number), chr2=bases(300, 9 + number)))
            self.write(f"in/{name}.gff", HEADER + row("chr1", "CDS", 1, 90 + number))
        expected = {"train": 2001, "test": 1002}
        repeated = [word for name in "xyz" for word in ("--fasta", f"in/{name}.fa", "--gff", f"in/{name}.gff")]
        self.assertEqual(self.several(*repeated, "--test-records", "z.fa:*"), expected)
        first = pathlib.Path("several/corpus.json").read_bytes()
        for sources in (("--fasta", "in/*.fa", "--gff", "in/*.gff"), ("--fasta", "@fastas", "--gff", "@gffs")):
            self.write("fastas", "# genomes\nin/x.fa\n\nin/[yz].fa\n")
            self.write("gffs", "in/*.gff\r\n")
            shutil.rmtree("several")
            self.assertEqual(self.several(*sources, "--test-records", "z.fa:*"), expected)
            self.assertEqual(pathlib.Path("several/corpus.json").read_bytes(), first)

    def test_splits_by_names_of_records(self):
        self.write("c.fa", fasta(c=bases(500, 3), plasmid1=bases(100, 4), plasmid2=bases(150, 5)))
        found = self.several("--fasta", "genome.fa", "--fasta", "c.fa", "--gff", "genes.gff",
                             "--valid-records", "b", "--test-records", "c,plasmid*")  # fmt: skip
        self.assertEqual(found, {"train": 1800, "valid": 1200, "test": 750})
        self.refused('--test-records: no record matches "chr9"', "genome.fa", "genes.gff", "--test-records", "chr9",
                     code=64)  # fmt: skip

    def test_an_empty_name_among_records_is_refused(self):
        self.refused('--test-records is "a,,b"; it has an empty part', "genome.fa", "genes.gff", "--test-records",
                     "a,,b", code=64)  # fmt: skip

    def test_a_fasta_file_that_is_given_twice_is_refused(self):
        os.symlink("genome.fa", "same.fa")
        more = ("--gff", "genes.gff")
        self.refused("--fasta names the file genome.fa twice; each", "genome.fa", "genes.gff", "--fasta", "genome.fa",
                     *more, code=64)  # fmt: skip
        self.refused("--fasta names the file same.fa twice, also as genome.fa", "genome.fa", "genes.gff", "--fasta",
                     "same.fa", *more, code=64)  # fmt: skip

    def test_predicted_genes_have_phases_and_lie_in_no_gap(self):
        small_run.RECORDS, kept = {"chr1": 12000}, small_run.RECORDS
        small_run.make_genome(pathlib.Path("."))
        small_run.RECORDS = kept
        self.write("genome.fa", pathlib.Path("genome.fa").read_text().replace("N", "T"))  # so that N is unknown
        small_run.prepare(pathlib.Path("."), "corpus")
        code, _, err = small_run.train(pathlib.Path("."))
        self.assertEqual(code, 0, err)
        gene = "GGTGGGGCG" * 60
        self.write("scaffold.fa", fasta(one=gene + "N" * 600 + gene + "RYK" * 100 + gene, gap="n" * 700))
        out = run_well("predict", "--run", "run", "--fasta", "scaffold.fa", "--out", "g.gff3", "--features", "runs",
                       "--min-length", 1)
        self.assertIn("1600 bases in runs of 10 or more ambiguous ones (N) were masked", out)
        lines = pathlib.Path("g.gff3").read_text().splitlines()
        self.assertEqual(lines[0], "##gff-version 3")
        self.assertIn("##sequence-region one 1 2520", lines)
        self.assertIn("##sequence-region gap 1 700", lines)
        rows = [line.split("\t") for line in lines if not line.startswith("#")]
        self.assertTrue(rows)
        for seqid, _, kind, first, last, _, _, phase, _ in rows:
            self.assertEqual((seqid, kind), ("one", "CDS"))
            self.assertIn(phase, ("0", "1", "2"))
            for begin, end in ((541, 1140), (1681, 1980)):
                self.assertTrue(int(last) < begin or int(first) > end, (first, last))
        code, _, err = run("prepare", "dna", "--fasta", "scaffold.fa", "--gff", "g.gff3", "--out", "again")
        self.assertEqual(code, 0, err)  # what predict writes, prepare reads


if __name__ == "__main__":
    small_run.main()
