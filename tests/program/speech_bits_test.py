"""Training on transcripts gives the same bits on any number of ranks and threads, killed and resumed
elsewhere or not: parameters_hash and every loss in metrics.jsonl, with a convolution, all augmentation,
dropout and labels of their own length."""

import argparse
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import whistled_speech
from program import ENVIRONMENT, Program, checkpoints_of, metrics_of, state_of
from speech_corpus import prepare_words, some_texts

# 44 utterances, some of them without a word: the batches of an epoch are 12, 12, 12 and 8.
TRAIN = some_texts(40, seed=1) + [""] * 4
VALID = some_texts(9, seed=2)

CONFIG = """
[model]
layers = 2
hidden_size = {hidden}
conv_channels = 12
dropout = 0.3
[data]
stack = 5
stride = 2
window_sequences = 20
[augment]
stretch = 0.25
time_masks = 2
time_mask_frames = 6
band_masks = 2
band_mask_bins = 4
noise = 0.2
[batch]
sequences = 12
slots = 6
[schedule]
learning_rate = 0.01
warmup_steps = 3
[validation]
every = 5
[checkpoint]
every = 4
[log]
every = 1
"""

VARIANTS = {
    "gru": [],
    "lstm, no convolution": ["model.cell=lstm", "model.conv_channels=0", "clip.mode=adaptive"],
    "gru, bf16": ["numerics.precision=bf16"],
}
# On recordings whose words are known, with noise and rooms.
MIXED_VARIANTS = {
    "crops, joins, noise, rooms, warps": [
        "augment.crop=0.5", "augment.join=0.7", "augment.join_seconds=3", "augment.gain=6", "augment.noise_share=0.6",
        "augment.noise_snr=0,20", "augment.room_share=0.5", "augment.warp=0.1",
    ],
}  # fmt: skip
# Keys that change how a run is computed and may not change its bits.
FREE = {
    "gates computed again": ["train.recompute=true"],
    "no overlap": ["train.overlap=false", "train.replicated_share=0.5"],
}

MORE_STEPS = 12  # at least, after a kill: more than an epoch


class Case:
    def __init__(self, program, folder, settings, corpus="corpus"):
        self.program = program
        self.folder = folder
        self.corpus = corpus
        self.settings = settings

    def words(self, run, threads, steps, free=()):
        words = ["train", "--config", f"{self.folder}/config.toml", "--corpus", f"{self.folder}/{self.corpus}"]
        words += ["--run", run, "--threads", str(threads), "--steps", str(steps)]
        return words + [word for setting in (*self.settings, *free) for word in ("--set", setting)]

    def train(self, run, ranks, threads, steps, free=()):
        self.program.run(*self.words(run, threads, steps, free), ranks=ranks)

    def killed(self, ranks, threads):
        """A run that was killed after its first checkpoint; how many steps after it depends on the machine."""
        run = tempfile.mkdtemp(dir=self.folder)
        self.kill(run, ranks, threads)
        return run

    def kill(self, run, ranks, threads):
        """Trains until there is a checkpoint, and kills one process; mpirun ends the others."""
        launcher = ["mpirun", "-n", str(ranks)] if ranks else []
        command = [*launcher, self.program.path, *self.words(run, threads, 10**6)]
        process = subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while not checkpoints_of(run):
            if process.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"no checkpoint to kill after: exit code {process.poll()}")
            time.sleep(0.002)
        with open(f"/proc/{process.pid}/task/{process.pid}/children") as children:
            ids = [int(text) for text in children.read().split()]
        os.kill(ids[-1] if ranks else process.pid, signal.SIGKILL)
        process.wait(timeout=60)

    def result(self, *legs, free=(), run=None):
        """Trains in legs of (ranks, threads, until step); gives hash and metrics."""
        run = run or tempfile.mkdtemp(dir=self.folder)
        for leg in legs:
            self.train(run, *leg, free)
        return state_of(run)["parameters_hash"], metrics_of(run)

    def check(self, shapes, steps):
        expected = self.result((0, 1, steps))
        losses = [line for line in expected[1] if line["kind"] == "step"]
        if len(losses) != steps or len(expected[1]) < steps + steps // 5:
            return [f"metrics.jsonl has {len(losses)} steps, expected {steps}"]
        wrong = [f"{p} ranks x {t} threads" for p, t in shapes if self.result((p, t, steps)) != expected]
        for first, second in [((0, 2), (3, 1)), ((2, 1), (0, 1))]:
            run = self.killed(*first)
            last = max(steps, state_of(run)["step"] + MORE_STEPS)
            undisturbed = expected if last == steps else self.result((0, 1, last))
            if self.result((*second, last), run=run) != undisturbed:
                wrong.append(f"killed on {first}, resumed on {second}")
        for name, free in FREE.items():
            if self.result((2, 1, steps // 2), (0, 2, steps), free=free) != expected:
                wrong.append(name)
        return wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("lockstep")
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--hidden", type=int, default=16)
    arguments = parser.parse_args()
    program = Program(arguments.lockstep)
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        more = ["--deltas", 1, "--shard-bytes", 30000]
        program.run(*prepare_words(folder, f"{folder}/corpus", TRAIN, VALID, more=more))
        with open(f"{folder}/config.toml", "w") as file:
            file.write(CONFIG.format(hidden=arguments.hidden))
        for name, settings in VARIANTS.items():
            shapes = [(2, 1), (3, 1), (0, 2), (3, 2)] if name == "gru" else [(3, 2)]
            wrong = Case(program, folder, settings).check(shapes, arguments.steps)
            print(f"{name}: {'other bits: ' + '; '.join(wrong) if wrong else 'same bits'}")
            failed |= bool(wrong)
        program.run(*whistled_speech.prepare_with_backgrounds(pathlib.Path(folder) / "files", f"{folder}/mixed",
                                                              ["--shard-bytes", 60000]))  # fmt: skip
        for name, settings in MIXED_VARIANTS.items():
            wrong = Case(program, folder, settings, "mixed").check([(2, 1), (3, 2)], arguments.steps)
            print(f"{name}: {'other bits: ' + '; '.join(wrong) if wrong else 'same bits'}")
            failed |= bool(wrong)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
