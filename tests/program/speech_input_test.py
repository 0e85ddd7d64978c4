"""`lockstep prepare speech` on files as other tools and devices write them. What a message advises is
done, where the program for it is installed."""

import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import small_run
from small_run import run
from speech_files import tone, wav, write_tsv, write_wav

SMALL = ("--mel-bins", 23)
MARK = "\ufeff"


class InputTest(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="lockstep-test-")
        self.addCleanup(holder.cleanup)
        self.folder = pathlib.Path(holder.name)
        self.imports = 0

    def prepare(self, manifest, *more):
        """The exit code, what was said, and the corpus index or None."""
        self.imports += 1
        out = self.folder / f"corpus{self.imports}"
        code, _, err = run("prepare", "speech", "--manifest", self.folder / manifest, "--out", out, *SMALL, *more)
        index = json.loads((out / "corpus.json").read_text()) if code == 0 else None
        return code, err, index

    def takes(self, manifest, utterances, *more):
        code, err, index = self.prepare(manifest, *more)
        self.assertEqual(code, 0, err)
        self.assertEqual(index["splits"]["train"]["sequences"], utterances)
        return err, index

    def refuses(self, manifest, *messages):
        code, err, _ = self.prepare(manifest)
        self.assertEqual(code, 65, err)
        for message in messages:
            self.assertIn(message, err)
        return err

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def lines(self, name, *objects):
        return self.write(name, "".join(json.dumps(one) + "\n" for one in objects))

    def wavs(self, count):
        for i in range(count):
            write_wav(self.folder / f"u{i}.wav", 0.5, seed=i)

    def follow(self, err, program):
        """Runs the command between the marks of a message."""
        command = next(one for one in re.findall(r"`([^`]+)`", err) if one.split()[0] == program)
        if shutil.which(program) is None:
            self.skipTest(f"{program} is missing, so the advice was not tried: {command}")
        subprocess.run(command, shell=True, check=True, cwd=self.folder, capture_output=True)


class Sound(InputTest):
    def test_recordings_of_unknown_length_are_read_to_the_end(self):
        lengths = {"arecord": 0x7FFFFF00, "sox": 0x7FFFF000, "pipe": 0xFFFFFFFF, "less": 0xFFFFFFFF - 36,
                   "half": 0x80000000, "killed": 0}  # fmt: skip
        for name, length in lengths.items():
            self.write(f"{name}.wav", wav(tone(0.5), declared_bytes=length))
        self.write("deep.wav", wav(tone(0.5), bits=24, declared_bytes=0x7FFFEFFF))
        names = [*lengths, "deep"]
        write_tsv(self.folder / "list.tsv", [(name, f"{name}.wav", "yes", "s") for name in names])
        _, index = self.takes("list.tsv", len(names))
        self.assertEqual(index["splits"]["train"]["steps"], 48 * len(names))

    def test_a_length_that_is_too_small_is_repaired_as_told(self):
        self.write("short.wav", wav(tone(0.5), declared_bytes=1000))
        self.lines("list.jsonl", {"audio_filepath": "short.wav", "text": "yes"})
        self.follow(self.refuses("list.jsonl", "the length is wrong"), "sox")
        self.lines("list.jsonl", {"audio_filepath": "OUT.wav", "text": "yes"})
        _, index = self.takes("list.jsonl", 1)
        self.assertEqual(index["splits"]["train"]["steps"], 48)

    def test_mp3_joined_from_two_is_repaired_as_told(self):
        if shutil.which("ffmpeg") is None:
            self.skipTest("ffmpeg is missing")
        self.write("a.wav", wav(tone(2)))
        subprocess.run("ffmpeg -v error -i a.wav a.mp3", shell=True, check=True, cwd=self.folder)
        one = (self.folder / "a.mp3").read_bytes()
        self.write("two.mp3", one + one)
        self.lines("list.jsonl", {"audio_filepath": "two.mp3", "text": "yes"})
        self.follow(self.refuses("list.jsonl", "MPEG frames"), "ffmpeg")
        self.lines("list.jsonl", {"audio_filepath": "OUT.wav", "text": "yes"})
        _, index = self.takes("list.jsonl", 1)
        self.assertGreater(index["splits"]["train"]["steps"], 395)


class Manifests(InputTest):
    def setUp(self):
        super().setUp()
        self.wavs(4)

    def test_lines_without_text_are_no_silence(self):
        self.lines("list.jsonl", *({"audio_filepath": f"u{i}.wav", "text": "one"} for i in range(2)),
                   {"audio_filepath": "u2.wav", "transcript": "two"}, {"audio_filepath": "u3.wav"})  # fmt: skip
        self.refuses("list.jsonl", "2 bad utterances", 'list.jsonl:3: the line has no "text"',
                     'list.jsonl:4: utterance "u3.wav": the line has no "text"')  # fmt: skip
        self.lines("null.jsonl", {"audio_filepath": "u0.wav", "text": None})
        self.refuses("null.jsonl", 'null.jsonl:1: utterance "u0.wav": "text" is null')
        self.lines("silent.jsonl", {"audio_filepath": "u0.wav", "text": ""}, {"audio_filepath": "u1.wav", "text": "a"})
        err, _ = self.takes("silent.jsonl", 2)
        self.assertIn("1 utterances have a transcript without words, the first on", err)

    def test_json_in_other_forms_is_named_with_what_helps(self):
        objects = [{"audio_filepath": f"u{i}.wav", "text": "one"} for i in range(2)]
        self.write("array.json", json.dumps(objects))
        self.follow(self.refuses("array.json", "is a JSON array"), "jq")
        self.takes("list.jsonl", 2)
        self.write("pretty.json", "\n".join(json.dumps(one, indent=2) for one in objects))
        self.follow(self.refuses("pretty.json", "does not end on its line"), "jq")
        self.takes("list.jsonl", 2)

    def test_utf_16_is_named_with_what_helps(self):
        self.write("wide.jsonl", '{"audio_filepath": "u0.wav", "text": "one"}\n'.encode("utf-16"))
        self.follow(self.refuses("wide.jsonl", "UTF-16"), "iconv")
        os.rename(self.folder / "FILE", self.folder / "utf8.jsonl")
        self.takes("utf8.jsonl", 1)

    def test_what_json_does_not_allow_is_shown(self):
        self.write("list.jsonl", '{"audio_filepath": "u0.wav", "duration": NaN, "text": "one"}\n'
                                 '{"audio_filepath": "u1.wav", "text": "one",}\n')  # fmt: skip
        self.refuses("list.jsonl", "list.jsonl:1: the line is no JSON object: column 42: JSON has no NaN",
                     "list.jsonl:2: the line is no JSON object: column 44: ")  # fmt: skip

    def test_quotation_marks_around_cells_are_told(self):
        write_tsv(self.folder / "list.tsv", [("a", "u0.wav", '"one, two"', "s"), ("b", "u1.wav", "one", "s")])
        err, _ = self.takes("list.tsv", 2)
        self.assertIn("list.tsv: 1 cells begin and end in quotation marks, the first in line 2", err)

    def test_tables_of_kaldi_with_a_byte_order_mark(self):
        for name, text in {"text": "u0 one\nu1 two\n", "wav.scp": "u0 ../u0.wav\r\nu1 ../u1.wav\r\n",
                           "utt2spk": "u0 s\nu1 s\n"}.items():  # fmt: skip
            self.write(f"data/{name}", MARK + text)
        err, _ = self.takes("data", 2)
        self.assertNotIn("warning", err)

    def test_no_warning_of_transcripts_that_are_there(self):
        self.write("data/text", "u0 one\nu1 two\n")
        self.write("data/wav.scp", "u0 sox ../u0.wav -t wav - |\nu1 ../u1.wav\n")
        self.assertNotIn("left out", self.refuses("data", "is a command").replace("be left out", ""))


class Folders(InputTest):
    def speaker(self, top, name, count=2, lines=2):
        for i in range(count):
            self.write(f"{top}/{name}/1/{name}-1-000{i}.wav", wav(tone(0.5, seed=i)))
        self.write(f"{top}/{name}/1/{name}-1.trans.txt", "".join(f"{name}-1-000{i} ONE\n" for i in range(lines)))

    def test_links_to_folders_are_followed(self):
        self.speaker("top", "11")
        self.speaker("elsewhere", "12")
        os.symlink("../elsewhere/12", self.folder / "top/12")
        self.takes("top", 4)
        os.symlink("..", self.folder / "top/11/loop")
        err, _ = self.takes("top", 4)
        self.assertIn("is read already; it is passed over", err)
        os.makedirs(self.folder / "links")
        os.symlink("../top", self.folder / "links/all")
        self.takes("links", 4)

    def test_recordings_without_a_line_are_counted(self):
        self.speaker("top", "11", count=3)
        err, _ = self.takes("top", 2)
        self.assertIn("1 of 3 recordings (.flac, .wav) have no line", err)


class Texts(InputTest):
    def test_signs_that_cannot_be_seen_are_no_classes(self):
        signs = {"wide": "\u3000", "thin": "\u2009", "line": "\u2028", "next": "\x85", "tab": "\v", "zero": " \u200b",
                 "left": " \u200e", "mark": " \ufeff", "hyphen": " \u00ad", "nul": " \0"}  # fmt: skip
        self.wavs(len(signs))
        self.lines("list.jsonl", *({"id": name, "audio_filepath": f"u{i}.wav", "text": f"one{sign}two"}
                                   for i, (name, sign) in enumerate(signs.items())))  # fmt: skip
        err, index = self.takes("list.jsonl", len(signs))
        self.assertEqual(index["classes"], ["<blank>", *sorted("enotw"), "|"])
        for name in ("U+0000", "U+00AD", "U+200B", "U+200E", "U+FEFF"):
            self.assertIn(f"{name} (1 time)", err)

    def test_unit_lists_of_other_tools(self):
        self.wavs(1)
        self.lines("list.jsonl", {"audio_filepath": "u0.wav", "text": "ab a"})
        for text in ("# letters\n \na\nb\n# end\n", "<blk> 0\n| 1\na 2\nb 3\n",
                     "<blank>\n<unk>\n<space>\na\nb\n<sos/eos>\n"):  # fmt: skip
            _, index = self.takes("list.jsonl", 1, "--units-file", self.write("units", text))
            self.assertEqual(index["classes"], ["<blank>", "|", "a", "b"])


class Sources(InputTest):
    def setUp(self):
        super().setUp()
        for part in "ab":
            os.makedirs(self.folder / part)
            for i in range(6):
                write_wav(self.folder / f"{part}/{i}.wav", 0.4, seed=i)
            rows = [(f"{part}{i}", f"{i}.wav", "yes", f"{part}{i // 2}") for i in range(6)]
            write_tsv(self.folder / f"{part}/list.tsv", rows)
        write_tsv(self.folder / "both.tsv", [(f"{part}{i}", f"{part}/{i}.wav", "yes", f"{part}{i // 2}")
                                             for part in "ab" for i in range(6)])  # fmt: skip

    def sizes(self, index):
        return {name: split["sequences"] for name, split in index["splits"].items()}

    def shards(self, number):
        corpus = self.folder / f"corpus{number}"
        return [hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(corpus.glob("*.h5"))]

    def test_two_manifests_are_one_corpus(self):
        self.takes("a/list.tsv", 12, "--manifest", self.folder / "b/list.tsv", "--shard-bytes", 1)
        self.takes("both.tsv", 12, "--shard-bytes", 1)
        self.assertEqual(self.shards(1), self.shards(2))
        self.takes("a/list.tsv", 12, "--split", f"train={self.folder / 'b/list.tsv'}", "--shard-bytes", 1)
        self.assertEqual(self.shards(1), self.shards(3))

    def test_patterns_and_lists_of_manifests(self):
        self.takes("*/list.tsv", 12)
        self.write("parts.txt", "# both\n\n?/list.tsv\n")
        self.takes("both.tsv", 12)
        code, err, index = self.prepare("a/list.tsv", "--test-manifest", f"@{self.folder / 'parts.txt'}")
        self.assertEqual(code, 65, err)
        self.assertIn('the id is already on', err)
        out = self.folder / "listed"
        code, _, err = run("prepare", "speech", "--manifest", f"@{self.folder / 'parts.txt'}", "--out", out, *SMALL)
        self.assertEqual(code, 0, err)
        self.assertEqual(self.sizes(json.loads((out / "corpus.json").read_text())), {"train": 12})
        code, err, _ = self.prepare("*/nothing.tsv")
        self.assertEqual(code, 66, err)
        self.assertIn("--manifest: no file matches the pattern", err)

    def test_speakers_by_name_and_pattern(self):
        more = ("--manifest", self.folder / "b/list.tsv", "--valid-speakers", "a0", "--test-speakers", "b1,a[12]",
                "--shard-bytes", 1)  # fmt: skip
        _, _, index = self.prepare("a/list.tsv", *more)
        self.assertEqual(self.sizes(index), {"train": 4, "valid": 2, "test": 6})
        self.assertEqual(index["provenance"]["test_speakers"], ["a1", "a2", "b1"])
        self.prepare("both.tsv", "--valid-speakers", "a0", "--test-speakers", "b1,a1,a2", "--shard-bytes", 1)
        self.assertEqual(self.shards(1), self.shards(2))

    def test_drawn_speakers_are_not_those_of_the_test(self):
        _, _, index = self.prepare("both.tsv", "--hold-out-speakers", 2, "--test-speakers", "b*")
        self.assertEqual(self.sizes(index), {"train": 2, "valid": 4, "test": 6})

    def test_wrong_choices_of_speakers_are_refused(self):
        for message, *more in (
                ('has no speaker "b7"; did you mean "b', "--test-speakers", "b7"),
                ('has no speaker "c*"', "--test-speakers", "a0,c*"),
                ('speaker "a0" is for validation and for the test', "--test-speakers", "a*", "--valid-speakers", "a0"),
                ("take all 6 speakers", "--test-speakers", "a*", "--valid-speakers", "b*"),
                ('"test" has a manifest', "--test-speakers", "a0", "--test-manifest", self.folder / "b/list.tsv"),
        ):  # fmt: skip
            code, err, _ = self.prepare("both.tsv", *more)
            self.assertEqual(code, 64, err)
            self.assertIn(message, err)


if __name__ == "__main__":
    small_run.main()
