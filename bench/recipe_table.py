"""The recipes that bench/recipes trains: their configuration, how their corpora are made, and what is counted.

Files are sought below the folder --data by patterns; archives are unpacked into the folder of the benchmark.
"""

import dataclasses
import glob
import os
import tarfile
import zipfile


@dataclasses.dataclass
class Recipe:
    config: str  # below recipes/
    model: str  # in torch_recipe_models.MODELS
    unit: str
    files: list  # patterns below --data; "ARCHIVE!MEMBER" for what is packed
    prepare: object  # paths of the files -> words of `lockstep prepare`
    made_up: tuple = ()  # words of `lockstep prepare` where files are missing; (): the recipe is left out
    unit_steps: float = 1  # units in a time step of the model
    counts_targets: bool = False  # units are steps of the targets
    # For --to-validation: steps of training, and the figure of the validation that counts, with its value.
    steps: int = 0
    figure: str = ""
    goal: float = 0
    batches: int = 32  # that are trained on again and again
    # How PyTorch's batches are laid out (torch_recipe_models.py); one form where sequences have one length, or nothing
    # is turned round.
    forms: tuple = ("packed", "padded")


def dna(fasta, gff):
    return ["dna", "--fasta", fasta, "--gff", gff, "--train", "1-3700000", "--valid", "3700001-4170000",
            "--test", "4170001-4641652", "--window", 1024]  # fmt: skip


def an4(train, test):
    return ["speech", "--manifest", train, "--test-manifest", test, "--hold-out-speakers", 6, "--deltas", 2,
            "--normalise", "speaker"]  # fmt: skip


def texts(task, *more):
    return lambda train, valid, test: ["text", "--task", task, "--train", train, "--valid", valid, "--test", test,
                                       *more]  # fmt: skip


def multi30k(*files):
    return ["translation", "--train", *files[:2], "--valid", *files[2:4], "--test", *files[4:],
            "--tokens", "sentencepiece:8000", "--shared"]  # fmt: skip


def protein(sequences, labels, mask):
    return ["protein", "--sequences", sequences, "--labels", labels, "--mask", mask]


def music(rolls):
    return ["music", "--rolls", rolls, "--steps-per-beat", 1]


RECIPES = {
    "dna-genes": Recipe("dna-genes/train.toml", "steps", "bases", ["dna/ecoli-k12/*.fna.gz", "dna/ecoli-k12/*.gff.gz"],
                        dna, ("dna", "--synthetic", 2000000, "--window", 1024), forms=("plain",)),
    "speech-an4": Recipe("speech-an4/train.toml", "speech", "seconds of speech",
                         ["speech/an4/an4-mfcc.tar.xz!an4/etc/an4_train.fileids",
                          "speech/an4/an4-mfcc.tar.xz!an4/etc/an4_test.fileids"], an4,
                         unit_steps=0.03, batches=28),
    "lm-ptb": Recipe("lm-ptb/lstm.toml", "words", "words",
                     ["lm/ptb/ptb.train.txt", "lm/ptb/ptb.valid.txt", "lm/ptb/ptb.test.txt"],
                     texts("lm", "--min-count", 1), forms=("plain",)),
    "multi30k": Recipe("multi30k/train.toml", "translation", "target tokens",
                       [f"mt/multi30k-en-de/{split}.{language}.gz" for split in ("train", "val", "test_2016_flickr")
                        for language in ("de", "en")], multi30k, counts_targets=True, forms=("packed",)),
    "sentences": Recipe("sentences/train.toml", "sentences", "words",
                        [f"sentiment/sst2/stsa.binary.{split}" for split in ("train", "dev", "test")],
                        texts("classify"), steps=840, figure="accuracy", goal=0.79),
    "entities": Recipe("entities/train.toml", "entities", "words",
                       [f"ner/ncbi-disease/{split}.tsv" for split in ("train", "devel", "test")],
                       texts("tag", "--lower-case", "--zero-digits", "--min-count", 1, "--scheme", "iobes")),
    "protein-structure": Recipe("protein-structure/train.toml", "steps", "residues",
                                [f"protein/flip-ss/splits.zip!splits/{name}.fasta"
                                 for name in ("sequences", "sampled", "mask")], protein),
    "music-jsb": Recipe("music/jsb-large.toml", "notes", "steps", ["music/jsb.json"], music,
                        ("music", "--synthetic", 400), forms=("padded",), steps=3450, figure="loss", goal=8.35,
                        batches=28),  # the 30th has a single sequence
}  # fmt: skip


def found(data, pattern, folder):
    """The path of a file; None: it is not there."""
    pattern, _, member = pattern.partition("!")
    paths = sorted(glob.glob(os.path.join(data, pattern)))
    if not paths or not member:
        return paths[0] if paths else None
    unpacked = os.path.join(folder, "unpacked")
    if not os.path.exists(os.path.join(unpacked, member)):
        if paths[0].endswith(".zip"):
            with zipfile.ZipFile(paths[0]) as archive:
                archive.extractall(unpacked)
        else:
            with tarfile.open(paths[0]) as archive:
                archive.extractall(unpacked, filter="data")
    return os.path.join(unpacked, member)


def words_of_prepare(recipe, data, folder):
    """The words of `lockstep prepare` but --out, and whether the data are made up; None: files are missing."""
    paths = [found(data, pattern, folder) if data else None for pattern in recipe.files]
    if None not in paths:
        return recipe.prepare(*paths), False
    return (list(recipe.made_up), True) if recipe.made_up else (None, False)
