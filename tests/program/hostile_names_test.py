"""Names of files, folders and runs with everything that a shell, a terminal or a text format could take for its own:
each verb reads and writes them like any other, nothing runs, and nothing is written elsewhere.

    tests/program/hostile_names_test.py build/release/lockstep
"""

import json
import os
import subprocess
import tempfile

import small_run

# Each holds several kinds, since each name goes through all verbs. In a shell the first would leave a file "canary".
NAMES = (b"it's \"x\" $(touch canary)`touch canary`;touch canary&", b"new\nline\x1b[2J<b>\xe2\x80\xae", b"-rf",
         b"\xff\xfe\xc3(", "ä\u00a0ö * ? [x] ~ # % {} \\".encode(), b"@x,y=z:")  # fmt: skip
SETTINGS = [f"--set={key}={value}" for key, value in
            {"model.hidden_size": 4, "model.embedding_size": 3, "batch.sequences": 8, "batch.slots": 2,
             "checkpoint.every": 1, "log.every": 1}.items()]  # fmt: skip
# What the job's script calls; it leaves its words in a file.
SRUN = "#!/bin/bash\nif [[ $1 == --mpi=list ]]; then echo pmix; exit; fi\nprintf '%s\\0' \"$@\" >words\nexit 64\n"


class HostileNamesTest(small_run.unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.place = os.fsencode(os.path.realpath(holder.name))

    def run_in(self, words, code=0, program=None, **environment):
        """Runs `lockstep words` in the test's folder; what it prints on standard output."""
        command = [program or os.fsencode(small_run.LOCKSTEP)]
        command += [word if isinstance(word, bytes) else str(word).encode() for word in words]
        done = subprocess.run(command, cwd=self.place, capture_output=True, check=False, timeout=60,
                              env=dict(os.environ, **environment))  # fmt: skip
        self.assertEqual(done.returncode, code, (command, done.stderr))
        self.assertNotIn(b"\x1b", done.stderr)
        return done.stdout

    def make_files(self, name):
        """A folder of this name with a genome and a configuration of this name; its path from the test's folder."""
        os.mkdir(self.place + b"/" + name)
        inside = name + b"/" + name
        path = self.place + b"/" + inside
        fasta = ">chr1\n" + "".join("ACGTTGCAAC"[i * i % 10] for i in range(1000)) + "\n"
        for ending, text in ((b".fa", fasta), (b".toml", "[train]\nsteps = 2\n"),
                             (b".gff", "chr1\tx\tCDS\t101\t400\t.\t+\t0\tID=1\n")):  # fmt: skip
            with open(path + ending, "w", encoding="utf-8") as file:
                file.write(text)
        return inside

    def check_verbs(self, name):
        path = self.make_files(name)
        corpus, run, json_of = name + b"/corpus", name + b"/run" + name, lambda *words: json.loads(self.run_in(words))
        self.check_paths(self.run_in(("prepare", "dna", b"--fasta=" + path + b".fa", b"--gff=" + path + b".gff", b"--out=" + corpus,
                                      "--window", 50, "--train", "1-700", "--valid", "701-800", "--test", "801-")))  # fmt: skip
        train = (b"--config=" + path + b".toml", b"--corpus=" + corpus, *SETTINGS)
        self.run_in(("train", b"--run=" + run, *train))
        self.run_in(("train", b"--run=" + run, *train, "--steps", 3))  # goes on
        self.assertEqual(self.run_in(("inspect", "--newest-step", b"--path=" + run)), b"3\n")
        self.assertEqual(self.run_in(("inspect", "--field", "step", b"--path=" + run)), b"3\n")
        self.assertEqual(json_of("inspect", "--json", b"--path=" + run)["step"], 3)
        self.check_text(self.run_in(("inspect", b"--path=" + run)), 8)
        self.check_text(self.run_in(("inspect", b"--path=" + corpus)), 8)
        self.run_in(("inspect", b"--path=" + run, b"--compare=" + run))
        self.assertEqual(json_of("evaluate", b"--run=" + run, b"--corpus=" + corpus, "--json")["split"], "test")
        self.check_text(self.run_in(("evaluate", b"--run=" + run, b"--corpus=" + corpus)), 2)
        for what in (corpus, run):
            for line in self.check_text(self.run_in(("verify", b"--path=" + what)), 1):
                self.assertTrue(line.endswith(b": ok"), line)
        for option, out in ((b"--fasta=" + path + b".fa", b".gff3"), (b"--corpus=" + corpus, b".h5")):
            logits = (b"--logits=" if out == b".h5" else b"--out=") + path + out
            self.check_paths(self.run_in(("predict", b"--run=" + run, option, logits)))
            self.assertTrue(os.path.isfile(self.place + b"/" + path + out))
        self.check_report(run, path)
        self.check_job(run, train)
        self.check_places(name)

    def check_text(self, text, least):
        """The lines of a text for people: no control character is in it, and no name has broken a line."""
        self.assertNotIn(b"\x1b", text)
        self.assertNotIn(b"\nline", text)
        lines = text.rstrip(b"\n").split(b"\n")
        self.assertGreaterEqual(len(lines), least, text)
        return lines

    def check_paths(self, text):
        """Lines that name what was written: no sign in them turns the text behind it either."""
        self.check_text(text, 1)
        self.assertNotIn("\u202e".encode(), text)

    def check_report(self, run, path):
        self.run_in(("report", b"--run=" + run, b"--compare=" + run))
        with open(self.place + b"/" + run + b"/report.html", "rb") as file:
            page = file.read()
        page.decode("utf-8")
        self.assertNotIn(b"\x1b", page)
        self.assertNotIn(b"<b>", page)
        self.check_paths(self.run_in(("report", b"--run=" + run, b"--csv=" + path + b".csv", b"--tensorboard=" + path + b".events")))
        self.run_in(("report", b"--run=" + run + b"/../" + os.path.basename(run) + b"/.", b"--tensorboard=" + path + b".events"))
        self.assertEqual(os.listdir(self.place + b"/" + path + b".events"), [os.path.basename(run)])

    def check_job(self, run, train):
        """The script as bash runs it hands the names on as they are."""
        script = self.run_in(("job", "--time", "10:00", b"--run=" + run, *train))
        with open(self.place + b"/srun", "w", encoding="utf-8") as file:
            file.write(SRUN)
        os.chmod(self.place + b"/srun", 0o755)
        self.run_in(("-c", script), 64, b"/bin/bash", PATH=f"{os.fsdecode(self.place)}:{os.environ['PATH']}",
                    SLURM_JOB_ID="7", SLURM_JOB_NODELIST="n1", SLURM_JOB_NUM_NODES="1", SLURM_NTASKS="1",
                    SLURM_JOB_END_TIME="9999999999")  # fmt: skip
        with open(self.place + b"/words", "rb") as file:
            words = file.read().split(b"\0")
        self.assertEqual(words[words.index(b"--run") + 1], self.place + b"/" + run)
        with open(self.place + b"/" + run + b"/.starts", "rb") as file:
            self.assertEqual(file.read(), b"7 0 3\n")

    def check_places(self, name):
        """Nothing lies beside the folder of the name but what the test has put there."""
        self.assertEqual(sorted(os.listdir(self.place)), sorted([name, b"srun", b"words"]))
        os.rename(self.place + b"/" + name, self.place + b"/done")
        subprocess.run(["rm", "-r", os.fsdecode(self.place) + "/done"], check=True)
        for left in (b"/srun", b"/words"):
            os.remove(self.place + left)

    def test_a_name_goes_through_all_verbs(self):
        for name in NAMES:
            with self.subTest(name=name):
                self.check_verbs(name)

    def test_paths_that_cannot_exist_are_missing_inputs(self):
        long, through = "n" * 300, f"{small_run.LOCKSTEP}/x"
        os.symlink("loop", self.place + b"/loop")
        for path in (long, through, "loop", "/".join(["d" * 200] * 30)):
            for words in (("inspect", path), ("verify", path), ("report", "--run", path),
                          ("evaluate", "--run", path, "--corpus", path), ("check", "--corpus", path),
                          ("predict", "--run", path, "--fasta", path, "--out", "o"),
                          ("prepare", "dna", "--fasta", path, "--gff", path, "--out", "o"),
                          ("prepare", "music", "--train", path, "--out", "o"),
                          ("prepare", "text", "--train", path, "--out", "o"),
                          ("train", "--corpus", path, "--run", "r"), ("train", "--config", path)):  # fmt: skip
                with self.subTest(words=words[:2]):
                    done = subprocess.run([small_run.LOCKSTEP, *words], cwd=self.place, capture_output=True, check=False)
                    self.assertIn(done.returncode, (64, 65, 66, 73, 74), done.stderr[-300:])
                    self.assertNotIn(b"\n\n", done.stderr)

    def test_outputs_that_cannot_exist_cannot_be_created(self):
        """A name that is too long for the system: 73 and the name, not 66, which would mean an input."""
        self.run_in(("prepare", "dna", "--synthetic", 2000, "--window", 32, "--out", "c"))
        self.run_in(("train", "--corpus", "c", "--run", "r", "--steps", 1, *SETTINGS))
        long = "n" * 300
        for words in (("prepare", "dna", "--synthetic", 2000, "--out", long), ("train", "--corpus", "c", "--run", long, "--steps", 1),
                      ("report", "--run", "r", "--out", long), ("report", "--run", "r", "--csv", long),
                      ("report", "--run", "r", "--tensorboard", long), ("predict", "--run", "r", "--corpus", "c", "--logits", long),
                      ("export", "--run", "r", "--format", "safetensors", "--out", long), ("doctor", "--run", long)):  # fmt: skip
            with self.subTest(words=words[:4]):
                self.run_in(words, code=73)

    def test_doctor_tries_a_folder_of_any_name(self):
        name = b"".join(NAMES[:4])
        for words in (("--json",), (b"--config=" + name + b"/x.toml", b"--corpus=" + name)):
            done = subprocess.run([os.fsencode(small_run.LOCKSTEP), b"doctor", b"--run=" + name + b"/r", *words],
                                  cwd=self.place, capture_output=True, check=False, timeout=60)  # fmt: skip
            self.check_text(done.stdout + done.stderr, 1)
            self.assertEqual(done.returncode, 0 if len(words) == 1 else 66, done.stderr)
            if len(words) == 1:
                self.assertIn("resume", json.loads(done.stdout)["findings"][-1].values(), done.stdout)
        self.assertEqual(os.listdir(self.place), [], "what doctor makes it removes, and nothing ran")

    def test_values_that_are_no_utf_8_are_refused(self):
        """They could not be stored: TOML and JSON hold texts only."""
        done = subprocess.run([small_run.LOCKSTEP, "check", "--corpus", "c", b"--set=train.start_from=\xff"],
                              capture_output=True, check=False)  # fmt: skip
        self.assertEqual(done.returncode, 64)
        self.assertIn(b"train.start_from", done.stderr)


if __name__ == "__main__":
    small_run.main()
