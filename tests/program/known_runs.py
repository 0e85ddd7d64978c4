"""The corpora, runs and evaluations whose bits known_bits.json holds.

All inputs are drawn here, from Python's generator with fixed seeds: nothing depends on a speech synthesiser, on a
download or on the name of a folder. The runs are small: the whole table takes seconds.
"""

import contextlib
import pathlib
import random

import small_run
import speech_files
import whistled_speech
from speech_corpus import prepare_words, some_texts

# 104 windows, 83 of them for training: the global batches of an epoch have 16, 16, 16, 16, 16 and 3 sequences.
BASES, WINDOW = 6600, 64

# Values that decide the bits are written here, so that a new default does not look like new arithmetic.
COMMON = [
    "numerics.isa=avx2", "train.seed=1", "train.steps=26", "batch.sequences=16", "batch.slots=8",
    "model.cell=gru", "model.layers=2", "model.hidden_size=8", "model.bidirectional=true", "model.dropout=0.3",
    "optimizer.name=adam", "optimizer.beta1=0.9", "optimizer.beta2=0.999", "optimizer.epsilon=1e-8",
    "schedule.name=constant", "schedule.learning_rate=0.01", "schedule.warmup_steps=5",
    "clip.mode=fixed", "clip.max_norm=1", "validation.every=7", "checkpoint.every=1000", "log.every=1",
]  # fmt: skip
DNA = [*COMMON, "model.embedding_size=5", "data.random_strand=true"]
SPEECH = [*COMMON, "batch.sequences=12", "batch.slots=6", "data.window_sequences=20"]
CONVOLUTION = ["model.conv_channels=12", "data.stack=5", "data.stride=2"]
STRETCH = ["augment.stretch=0.25"]
MASKS = ["augment.time_masks=2", "augment.time_mask_frames=6", "augment.band_masks=2", "augment.band_mask_bins=4"]
NOISE = ["augment.noise=0.2"]
AUGMENTED = [*STRETCH, *MASKS, *NOISE]
SPLICED = ["augment.crop=0.5", "augment.join=0.7", "augment.join_seconds=3"]
MIXED = ["augment.gain=6", "augment.noise_share=0.6", "augment.noise_snr=0,20", "augment.room_share=0.5"]

CORPORA = (
    "dna", "dna with overlap", "dna with gc bins", "music", "language", "language of characters", "protein", "tagged", "tagged capitals", "translation", "words", "whistles", "hums", "whistles in rooms",
)  # fmt: skip
PLAIN = ("dna", "music", "language", "protein", "tagged", "translation")  # how the names of those begin that are no speech
NORMALISED = ("gru_ln", "lstm_ln")
# Everything that training drops, and the penalties on what is left; zoneout of cell states is for LSTMs only.
REGULARISED = [
    "model.embedding_dropout=0.2", "model.symbol_dropout=0.1", "model.input_dropout=0.2", "model.output_dropout=0.3",
    "model.variational_dropout=true", "model.weight_dropout=0.4", "model.zoneout=0.2", "model.activation_l2=2",
    "model.activation_difference_l2=1",
]  # fmt: skip
REGULARISED_LSTM = [*REGULARISED, "model.cell=lstm", "model.cell_zoneout=0.3"]
CELLS = ("rnn_tanh", "rnn_relu", "gru", "gru_reset_before", "lstm")
ADAPTIVE = ["clip.mode=adaptive", "clip.quantile=0.1", "train.steps=40"]  # it begins after 20 steps
CARRIED = ["model.bidirectional=false", "train.bptt_steps=7"]
CUT = ["data.cut_steps=20", "data.window_sequences=70"]
BF16 = ["numerics.precision=bf16"]
AMX = ["numerics.precision=bf16-amx"]

DNA_VARIANTS = {
    **{cell: [f"model.cell={cell}"] for cell in CELLS},
    **{f"{cell}, carried state": [f"model.cell={cell}", *CARRIED] for cell in CELLS},
    **{f"{cell}, gates computed again": [f"model.cell={cell}", "train.recompute=true"] for cell in CELLS},
    "lstm, carried state, gates computed again": ["model.cell=lstm", *CARRIED, "train.recompute=true"],
    "one layer, one direction, no dropout": ["model.layers=1", "model.bidirectional=false", "model.dropout=0"],
    "one strand": ["data.random_strand=false"],
    "residual": ["model.residual=true", "model.layers=3"],
    "residual from a wide embedding": ["model.residual=true", "model.embedding_size=16"],
    "forget bias": ["model.cell=lstm", "model.forget_bias=0.5"],
    "narrow embedding": ["model.embedding_size=1"],
    "embedding whose rows are cleared and added one by one": ["model.embedding_size=3400", "model.layers=1"],
    "another seed": ["train.seed=7"],
    "three slots": ["batch.slots=3"],
    "sgd": ["optimizer.name=sgd", "schedule.learning_rate=0.1"],
    "sgd, momentum": ["optimizer.name=sgd", "optimizer.momentum=0.9"],
    "sgd, nesterov, decay": ["optimizer.name=sgd", "optimizer.momentum=0.9", "optimizer.nesterov=true",
                             "optimizer.weight_decay=0.01"],
    "rmsprop": ["optimizer.name=rmsprop", "optimizer.rho=0.9"],
    "adam, decay": ["optimizer.weight_decay=0.01"],
    "adamw": ["optimizer.name=adamw", "optimizer.weight_decay=0.01"],
    "no clip": ["clip.mode=off"],
    "clip that always acts": ["clip.max_norm=0.01"],
    "adaptive clip": ADAPTIVE,
    "adaptive clip, short memory": [*ADAPTIVE, "clip.window=22"],
    "inverse square root": ["schedule.name=inverse_sqrt"],
    "cosine": ["schedule.name=cosine", "schedule.decay_steps=20", "schedule.lowest=0.001"],
    "step": ["schedule.name=step", "schedule.decay_steps=8", "schedule.factor=0.5"],
    "plateau": ["schedule.name=plateau", "schedule.patience=0", "schedule.learning_rate=0.05"],
    "step after constant steps": ["schedule.name=step", "schedule.constant_steps=10", "schedule.decay_steps=4",
                                  "schedule.factor=0.8"],
    "plateau of the accuracy": ["schedule.name=plateau", "schedule.patience=0", "schedule.learning_rate=0.05",
                                "validation.metric=accuracy", "schedule.plateau_by=metric", "validation.every=3"],
    "moving average": ["train.average_weights=ema", "train.average_decay=0.9", "validation.average=true"],
    "sgd, mean of later parameters": ["optimizer.name=sgd", "schedule.learning_rate=0.1", "train.average_weights=mean",
                                      "train.average_from=10", "validation.average=true"],
    "sgd, mean on a plateau": ["optimizer.name=sgd", "schedule.learning_rate=2", "validation.every=3",
                               "train.average_weights=mean_on_plateau", "train.average_patience=1",
                               "validation.average=true"],
    "conditional random field": ["model.head=crf"],
    "cut at drawn borders": [*CUT],
    "cut at drawn borders, carried state": [*CUT, *CARRIED],
    "cut at drawn borders, conditional random field": [*CUT, "model.head=crf"],
    **{cell: [f"model.cell={cell}"] for cell in NORMALISED},
    **{f"{cell}, carried state": [f"model.cell={cell}", *CARRIED] for cell in NORMALISED},
    **{f"{cell}, regularised": [f"model.cell={cell}", *REGULARISED] for cell in (*CELLS, *NORMALISED)},
    "lstm, regularised, zoneout of cell states": REGULARISED_LSTM,
    "lstm_ln, regularised, carried state": [*REGULARISED_LSTM, "model.cell=lstm_ln", *CARRIED],
    "embedding dropout": ["model.embedding_dropout=0.3"],
    "variational dropout": ["model.variational_dropout=true", "model.input_dropout=0.2"],
    "weight dropout": ["model.weight_dropout=0.5"],
    "weight noise": ["model.weight_noise=0.1"],
    "zoneout": ["model.zoneout=0.3"],
    "penalties of activations": ["model.activation_l2=2", "model.activation_difference_l2=1"],
    "frozen embedding and first layer": ["train.freeze=embedding.*, rnn.*_l0", "optimizer.weight_decay=0.01",
                                         "train.average_weights=ema", "clip.max_norm=0.1"],
    "gru, bf16": BF16,
    "lstm, bf16": ["model.cell=lstm", *BF16],
    "lstm, carried state, bf16": ["model.cell=lstm", *CARRIED, *BF16],
    "gru, bf16-amx": AMX,
    "lstm, carried state, bf16-amx": ["model.cell=lstm", *CARRIED, *AMX],
}  # fmt: skip
SPEECH_VARIANTS = {
    **{f"{cell}, augmented": [f"model.cell={cell}", *CONVOLUTION, *AUGMENTED] for cell in CELLS},
    "frames as they are": [],
    "stacked": ["data.stack=3", "data.stride=2", *AUGMENTED],
    "convolution": CONVOLUTION,
    "stretch": [*CONVOLUTION, *STRETCH],
    "masks": [*CONVOLUTION, *MASKS],
    "noise": [*CONVOLUTION, *NOISE],
    "one direction, residual": [*CONVOLUTION, "model.bidirectional=false", "model.residual=true", "model.layers=3"],
    "one direction, look-ahead": [*CONVOLUTION, "model.bidirectional=false", "model.residual=true", "model.layers=3",
                                  "model.lookahead=2,0,3"],
    "gru, augmented, gates computed again": [*CONVOLUTION, *AUGMENTED, "train.recompute=true"],
    "adaptive clip": [*CONVOLUTION, *AUGMENTED, *ADAPTIVE],
    "gru, augmented, bf16": [*CONVOLUTION, *AUGMENTED, *BF16],
    "lstm, augmented, bf16": ["model.cell=lstm", *CONVOLUTION, *AUGMENTED, *BF16],
    "lstm, augmented, bf16-amx": ["model.cell=lstm", *CONVOLUTION, *AUGMENTED, *AMX],
    "well trained": ["model.hidden_size=24", "model.conv_channels=16", "data.stack=3", "data.stride=2",
                     "model.dropout=0", "train.steps=80", "validation.every=40"],
}  # fmt: skip

# Pieces of 30 to 116 steps.
MUSIC = [*COMMON, "model.bidirectional=false", "model.input_dropout=0.1", "model.output_dropout=0.2"]
MUSIC_VARIANTS = {
    **{cell: [f"model.cell={cell}"] for cell in CELLS},
    "lstm, carried state": ["model.cell=lstm", "train.bptt_steps=11"],
    "dense layer": ["model.dense_layers=1", "model.dense_size=10"],
}

# 716 words in 10 streams, 1907 characters in 5: an epoch has 8 and 43 steps.
LANGUAGE = [*COMMON, "model.bidirectional=false", "batch.sequences=10", "batch.slots=4", "train.bptt_steps=9",
            "model.embedding_size=6", "model.output_dropout=0.2", "validation.streams=3"]  # fmt: skip
TIED = ["model.tie_embeddings=true", "model.embedding_size=8"]  # as wide as the layer
LANGUAGE_VARIANTS = {
    **{cell: [f"model.cell={cell}"] for cell in CELLS},
    "gru, gates computed again": ["train.recompute=true"],
    "one slot, long parts": ["batch.slots=1", "train.bptt_steps=64", "batch.sequences=3"],
    "tied": TIED,
    "tied, regularised lstm": [*TIED, *REGULARISED_LSTM],
}

# 40 proteins of 1 to 60 residues, of which some do not count.
PROTEIN = [*COMMON, "model.embedding_size=6", "batch.sequences=8", "batch.slots=3", "model.symbol_dropout=0.1"]
PROTEIN_VARIANTS = {
    "gru": [],
    "cut at drawn borders": ["data.cut_steps=25"],
    "conditional random field": ["model.head=crf"],
}

# Sentences of 3 to 8 words with one name each, some of whose words occur once.
TAGGED = [*COMMON, "model.embedding_size=6", "model.embedding_scale=0.1", "model.character_embedding_size=5",
          "model.character_size=7", "model.shape_size=3", "model.unknown_dropout=0.5",
          "model.input_dropout=0.2"]  # fmt: skip
TAGGED_VARIANTS = {
    "crf, convolution of characters": ["model.head=crf", "model.characters=cnn"],
    "softmax, gru of characters": ["model.head=softmax", "model.characters=gru"],
    "no characters, no shapes": ["model.head=crf", "model.characters=none", "model.shape_size=0"],
}

# 120 pairs of 1 to 9 words: an epoch has 8 steps, the last one of 8 pairs.
TRANSLATION = [*COMMON, "model.embedding_size=6", "model.output_dropout=0.2", "model.label_smoothing=0.1",
               "model.attention=dot"]  # fmt: skip
TRANSLATION_VARIANTS = {
    **{cell: [f"model.cell={cell}"] for cell in CELLS},
    "additive attention, input feeding": ["model.attention=additive", "model.input_feeding=true"],
    "without attention": ["model.attention=none", "model.bidirectional=false"],
    "tied, chosen by BLEU": ["model.tie_embeddings=true", "validation.metric=bleu"],
    "scheduled sampling": ["train.scheduled_sampling=0.5", "train.scheduled_sampling_steps=20"],
    "regularised lstm": REGULARISED_LSTM,
}  # fmt: skip

# Corpus and settings of each run, by name. A setting that is named twice has its last value; {name} in one is the
# folder of the corpus of this name.
RUNS = {
    **{f"dna: {name}": ("dna", DNA + more) for name, more in DNA_VARIANTS.items()},
    **{f"music: {name}": ("music", MUSIC + more) for name, more in MUSIC_VARIANTS.items()},
    **{f"language: {name}": ("language", LANGUAGE + more) for name, more in LANGUAGE_VARIANTS.items()},
    **{f"protein: {name}": ("protein", PROTEIN + more) for name, more in PROTEIN_VARIANTS.items()},
    "language of characters: lstm": ("language of characters", [*LANGUAGE, "model.cell=lstm", "batch.sequences=5"]),
    **{f"tagged: {name}": ("tagged", TAGGED + more) for name, more in TAGGED_VARIANTS.items()},
    **{f"translation: {name}": ("translation", TRANSLATION + more) for name, more in TRANSLATION_VARIANTS.items()},
    "dna with overlap: gru": ("dna with overlap", DNA),
    "dna with gc bins: gru": ("dna with gc bins", DNA),
    "dna: mixed": ("dna", [*DNA, "data.mix={dna}=0.4", "data.window_sequences=40"]),
    "tagged capitals: softmax": ("tagged capitals", [*TAGGED, "model.head=softmax", "model.unknown_dropout=0"]),
    "tagged: mixed": ("tagged", [*TAGGED, "data.mix={tagged}=1.3"]),
    "translation: mixed": ("translation", [*TRANSLATION, "data.mix={translation}=0.7"]),
    "whistles in rooms: mixed": ("whistles in rooms",
                                 [*SPEECH, *CONVOLUTION, *AUGMENTED, *SPLICED, "data.mix={whistles in rooms}=0.5"]),
    "dna with overlap: shuffled in windows": ("dna with overlap", [*DNA, "data.window_sequences=40"]),
    **{f"words: {name}": ("words", SPEECH + more) for name, more in SPEECH_VARIANTS.items()},
    "whistles: gru, augmented": ("whistles", SPEECH + CONVOLUTION + AUGMENTED),
    "whistles in rooms: crops and joins": ("whistles in rooms", SPEECH + CONVOLUTION + AUGMENTED + SPLICED),
    "whistles in rooms: all": ("whistles in rooms", SPEECH + CONVOLUTION + AUGMENTED + SPLICED + MIXED),
    "whistles in rooms: drawn rooms": ("whistles in rooms",
                                       [*SPEECH, *CONVOLUTION, *MIXED, "augment.room_seconds=0.2,0.8"]),
    "words: joins": ("words", [*SPEECH, *CONVOLUTION, "augment.join=0.7"]),
    "hums: lstm": ("hums", [*SPEECH, *CONVOLUTION, "model.cell=lstm"]),
}

# Run, and what else the command says. A best path is not what a beam finds, so both decoders are here.
EVALUATIONS = {
    "dna, test": ("dna: gru", ["--split", "test"]),
    "dna with overlap, valid": ("dna with overlap: gru", ["--split", "valid"]),
    "dna, cut, valid": ("dna: cut at drawn borders", ["--split", "valid"]),
    "dna, regularised": ("dna: lstm, regularised, zoneout of cell states", ["--split", "test"]),
    "dna, moving average": ("dna: moving average", ["--split", "test", "--checkpoint", "average"]),
    "dna, best label sequence": ("dna: conditional random field", ["--split", "train"]),
    "music, test": ("music: gru", ["--split", "test"]),
    "music, in parts": ("music: lstm, carried state", ["--split", "valid"]),
    "language, test": ("language: lstm", ["--split", "test"]),
    "protein, test": ("protein: gru", ["--split", "test"]),
    "language of characters, valid": ("language of characters: lstm", ["--split", "valid"]),
    "tagged, test": ("tagged: crf, convolution of characters", ["--split", "test"]),
    "translation, beam": ("translation: gru", ["--split", "test", "--beam", 3]),
    "translation, input feeding": ("translation: additive attention, input feeding", ["--split", "test", "--beam", 1]),
    "words, greedy": ("words: well trained", ["--split", "test"]),
    "words, beam": ("words: well trained", ["--split", "test", "--decoder", "beam", "--beam", 8]),
}


def needs_bf16(run):
    return any(setting in RUNS[run][1] for setting in (*BF16, *AMX))


def final_settings(run, corpora):
    """The settings of a run, each key once; `corpora` has the folders of the corpora by name."""
    return dict(setting.format_map(corpora).split("=", 1) for setting in RUNS[run][1])


def prepare_whistles(program, folder, out):
    """Recordings with copies at another speed and with noise, as mel bands."""
    folder.mkdir()
    whistled_speech.make(folder, "train", 12, seed=1)
    whistled_speech.make(folder, "valid", 4, seed=2)
    program.run("prepare", "speech", "--manifest", folder / "train.tsv", "--valid-manifest", folder / "valid.tsv",
                "--mel-bins", 20, "--speeds", "1,1.1", "--noise-snr", "10,30", "--seed", 1, "--out", out)  # fmt: skip


def prepare_hums(program, folder, out):
    """Recordings of four speakers, one of them held out, as cepstra with the words as units."""
    folder.mkdir()
    speech_files.small_corpus(folder)
    program.run("prepare", "speech", "--manifest", folder / "train.tsv", "--hold-out-speakers", 1, "--features", "mfcc",
                "--deltas", 2, "--normalise", "speaker", "--units", "words", "--uppercase", "--subsampling", 2,
                "--seed", 1, "--out", out)  # fmt: skip


def prepare_dna(program, corpora):
    program.run("prepare", "dna", "--synthetic", BASES, "--seed", 1, "--window", WINDOW, "--out", corpora["dna"])
    small_run.make_genome(pathlib.Path("."))
    program.run("prepare", "dna", "--fasta", "genome.fa", "--gff", "genome.gff", "--window", 100, "--overlap", 10,
                "--shard-bytes", 4000, "--out", corpora["dna with overlap"])  # fmt: skip
    small_run.make_mixed_genome(pathlib.Path("."))
    program.run("prepare", "dna", "--fasta", "mixed.fa", "--gff", "mixed.gff", "--window", 100, "--gc-bins", 4,
                "--shard-bytes", 4000, "--out", corpora["dna with gc bins"])  # fmt: skip


def prepare_language(program, corpora):
    """Lines of words that come from a few, some of them only once."""
    files = []
    for split, lines, seed in (("train", 160, 1), ("valid", 20, 2), ("test", 30, 3)):
        draw = random.Random(seed)
        words = [f"w{min(draw.randrange(30), draw.randrange(30))}" for _ in range(6 * lines)]
        text = "".join(" ".join(words[6 * i : 6 * i + 1 + i % 6]) + "\n" for i in range(lines))
        pathlib.Path(f"{split}.txt").write_text(text)
        files += [f"--{split}", f"{split}.txt"]
    prepare = ["prepare", "text", "--task", "lm", *files, "--out"]
    program.run(*prepare, corpora["language"])
    program.run(*prepare, corpora["language of characters"], "--tokens", "characters", "--line-end", "eos")


def prepare_protein(program, corpora):
    """Proteins whose states, eight of DSSP, follow no rule."""
    draw = random.Random(1)
    texts = {"s": "", "l": "", "m": ""}
    for n in range(60):
        length = 1 + draw.randrange(60)
        split = "test" if n >= 50 else "train"
        for kind, letters, more in (("s", "ACDEFGHIKLMNPQRSTVWYX", ""), ("l", "HGIEBTSC", f" SET={split} VALIDATION={n < 10}"),
                                    ("m", "0111", "")):  # fmt: skip
            texts[kind] += f">p{n}{more}\n{''.join(draw.choice(letters) for _ in range(length))}\n"
    for kind, text in texts.items():
        pathlib.Path(f"{kind}.fasta").write_text(text)
    program.run("prepare", "protein", "--sequences", "s.fasta", "--labels", "l.fasta", "--mask", "m.fasta", "--states", 3,
                "--out", corpora["protein"])  # fmt: skip


def prepare_tagged(program, corpora):
    files = []
    for split, count, seed in (("train", 90, 1), ("valid", 20, 2), ("test", 25, 3)):
        draw = random.Random(seed)
        text = ""
        for i in range(count):
            words = [(f"w{draw.randrange(40)}", "O") for _ in range(2 + i % 5)]
            name = [(f"N{draw.randrange(60)}", "B-NAME")] + [("Xy", "I-NAME")] * draw.randrange(3)
            at = draw.randrange(len(words))
            text += "".join(f"{word}\t{tag}\n" for word, tag in words[:at] + name + words[at:]) + "\n"
        pathlib.Path(f"{split}.tsv").write_text(text)
        files += [f"--{split}", f"{split}.tsv"]
    program.run("prepare", "text", "--task", "tag", *files, "--scheme", "iobes", "--min-count", 1, "--lower-case",
                "--shard-bytes", 5000, "--out", corpora["tagged"])  # fmt: skip
    pathlib.Path("cased.txt").write_text("The Xy of N1 , w2 and UNO-3 .\nIn 1984 McX saw it .\n" * 20)
    program.run("prepare", "text", "--task", "tag", "--format", "case", "--train", "cased.txt", "--valid-fraction", 0.2,
                "--vocabulary", corpora["tagged"], "--lower-characters", "--out", corpora["tagged capitals"])  # fmt: skip


def prepare_translation(program, out):
    """Targets are the words of their sources in capitals and in reverse order, without every third one."""
    files = []
    for split, pairs, seed in (("train", 120, 1), ("valid", 20, 2), ("test", 20, 3)):
        draw = random.Random(seed)
        sources = [[f"w{draw.randrange(12)}" for _ in range(1 + draw.randrange(9))] for _ in range(pairs)]
        targets = [[word.upper() for i, word in enumerate(reversed(words)) if i % 3 < 2] for words in sources]
        files.append(f"--{split}")
        for side, texts in (("source", sources), ("target", targets)):
            pathlib.Path(f"{split}.{side}").write_text("".join(" ".join(text) + "\n" for text in texts))
            files.append(f"{split}.{side}")
    program.run("prepare", "translation", *files, "--out", out)


def prepare_speech(program, corpora):
    # Four utterances without a word; the global batches of an epoch have 12, 12, 12 and 8 sequences.
    train, valid, test = some_texts(40, seed=1) + [""] * 4, some_texts(9, seed=2), some_texts(12, seed=3)
    more = ["--deltas", 1, "--shard-bytes", 30000]
    program.run(*prepare_words(".", corpora["words"], train, valid, test, more))
    prepare_whistles(program, pathlib.Path("whistle-files"), corpora["whistles"])
    prepare_hums(program, pathlib.Path("hum-files"), corpora["hums"])
    folder = pathlib.Path("room-files")
    program.run(*whistled_speech.prepare_with_backgrounds(folder, corpora["whistles in rooms"]))


def prepare_corpora(program, folder, speech=True):
    """Prepares all corpora in this folder, or only those that are no speech; their paths by name. The program runs inside the folder and is given
    relative paths, since the provenance of a speech corpus, and so its hash, covers paths as they were typed."""
    names = CORPORA if speech else [name for name in CORPORA if name.startswith(PLAIN)]
    corpora = {name: name.replace(" ", "-") for name in names}
    with contextlib.chdir(folder):
        prepare_dna(program, corpora)
        program.run("prepare", "music", "--synthetic", 60, "--transpose", 1, "--out", corpora["music"])
        prepare_language(program, corpora)
        prepare_protein(program, corpora)
        prepare_tagged(program, corpora)
        prepare_translation(program, corpora["translation"])
        if speech:
            prepare_speech(program, corpora)
    return {name: folder / path for name, path in corpora.items()}
