#!/usr/bin/env python3
"""Reads every #include line of the source folders and fails on one that goes the wrong way, and on a source
file whose own header is not the first that it includes: so each header is compiled alone.

    tests/repository/include_layers.py [ROOT]

prints `data/batch/x.cc:3: includes "worker/worker.h": data/batch may include base, data/batch` for each broken rule and
exits with 1. The rules below are the whole architecture; docs/architecture.md gives the reasons.
tests/, bench/ and recipes/ may include what they like.
"""

import pathlib
import re
import sys

# What each folder may include besides itself; the deepest folder that stands here rules a file. A group of rooms
# is named once. No layer names one that names it: no cycle can be written.
CORPUS = ["base", "data/batch", "data/corpus"]
SPEECH_ROOMS = ["data/speech/sound", "data/speech/manifests", "data/speech/features"]
IMPORTERS = ["data/arrays", "data/dna", "data/dna/genes", "data/music", "data/protein", "data/tagging", "data/text",
             "data/speech"] + SPEECH_ROOMS
GROUND = ["base", "data/batch"]
WORKER_GROUND = GROUND + ["worker/params", "worker/kernels"]
WORKER_ROOMS = ["worker/params", "worker/kernels", "worker/metrics", "worker/comm", "worker/layers", "worker/losses",
                "worker/heads", "worker/models", "worker/decode"]
WORKER = GROUND + ["worker"] + WORKER_ROOMS
STEP = WORKER + ["checkpoint", "trainer/step"]
BELOW_OPTIONS = STEP + ["data/corpus", "data/stream", "trainer/watch", "trainer/save"]
OPTIONS = BELOW_OPTIONS + ["trainer/options"]
TRAINER_ROOMS = ["trainer/step", "trainer/watch", "trainer/save", "trainer/options", "trainer/evaluation",
                 "trainer/estimate", "trainer/report"]
BELOW_LAUNCH = (CORPUS + ["data/stream", "worker"] + WORKER_ROOMS + ["checkpoint", "trainer"] + TRAINER_ROOMS)
LAUNCH_TOOLS = BELOW_LAUNCH + ["launch/frame", "launch/output", "launch/slurm", "launch/supervise"]
RUN = LAUNCH_TOOLS + ["launch/start", "launch/config", "launch/run"]
LAYERS = {
    "base": [],
    "data/batch": ["base"],
    "data/corpus": ["base", "data/batch"],
    "data/stream": CORPUS,
    "data/splits": ["base"],
    "data/text": CORPUS + ["data/splits"],
    "data/tagging": CORPUS + ["data/splits", "data/text"],
    "data/dna": CORPUS + ["data/splits", "data/text"],
    "data/dna/genes": ["base", "data/batch", "data/dna"],
    "data/arrays": CORPUS + ["data/splits", "data/text"],
    "data/music": CORPUS + ["data/splits"],
    "data/protein": CORPUS + ["data/splits", "data/dna", "data/dna/genes"],
    "data/translation": CORPUS + ["data/splits", "data/text"],
    "data/speech/sound": ["base"],
    "data/speech/manifests": ["base", "data/text"],
    "data/speech/features": ["base", "data/speech/sound", "data/speech/manifests"],
    "data/speech": CORPUS + ["data/text"] + SPEECH_ROOMS,
    "checkpoint": ["base"],
    "worker/params": ["base"],
    "worker/kernels": ["base"],
    "worker/metrics": ["base"],
    "worker/comm": GROUND,
    "worker/layers": WORKER_GROUND,
    "worker/losses": WORKER_GROUND + ["worker/metrics"],
    "worker/heads": WORKER_GROUND + ["worker/layers", "worker/losses"],
    "worker/models": WORKER_GROUND + ["worker/layers", "worker/losses", "worker/heads"],
    "worker/decode": WORKER_GROUND + ["data/text", "worker/metrics", "worker/layers", "worker/losses", "worker/heads",
                                        "worker/models"],
    "worker": GROUND + WORKER_ROOMS,
    "trainer/step": WORKER,
    "trainer/watch": STEP + ["data/corpus"],
    "trainer/save": STEP + ["data/corpus"],
    "trainer/options": BELOW_OPTIONS,
    "trainer/evaluation": OPTIONS,
    "trainer/estimate": OPTIONS,
    "trainer/report": OPTIONS + ["trainer/evaluation", "trainer/estimate"],
    "trainer": OPTIONS + TRAINER_ROOMS,
    "launch/frame": BELOW_LAUNCH,
    "launch/output": BELOW_LAUNCH,
    "launch/slurm": BELOW_LAUNCH,
    "launch/supervise": BELOW_LAUNCH,
    "launch/config": LAUNCH_TOOLS,
    "launch/start": LAUNCH_TOOLS + ["launch/config"],
    "launch/run": LAUNCH_TOOLS + ["data/text", "launch/config", "launch/start"],
    "launch/report": LAUNCH_TOOLS + ["launch/config"],
    "launch/exchange": RUN,
    "launch/api": RUN,
    "launch/doctor": RUN + ["data/dna"],  # makes a small genome to train on
    "launch/tasks/splits": RUN + ["data/splits"],
    "launch/tasks/vocabulary": RUN + ["data/text"],
    "launch/tasks/arrays": RUN + ["data/splits", "data/arrays", "launch/tasks/splits"],
    "launch/tasks/labelled": RUN + ["data/splits", "data/text", "launch/tasks/splits"],
    "launch/tasks/dna": RUN + ["data/dna", "data/dna/genes", "data/text", "launch/tasks/labelled", "launch/tasks/splits"],
    "launch/tasks/music": RUN + ["data/music", "data/splits", "launch/tasks/splits"],
    "launch/tasks/protein": RUN + ["data/protein", "data/dna/genes", "data/splits", "launch/tasks/splits"],
    "launch/tasks/speech": RUN + ["data/speech", "data/text"] + SPEECH_ROOMS,
    "launch/tasks/text": RUN + ["data/splits", "data/tagging", "data/text", "launch/tasks/labelled", "launch/tasks/splits",
                                "launch/tasks/vocabulary"],
    "launch/tasks/translation": RUN + ["data/splits", "data/text", "data/translation", "launch/tasks/splits",
                                       "launch/tasks/vocabulary"],
    "launch/tasks": RUN + ["launch/tasks/arrays", "launch/tasks/dna", "launch/tasks/music", "launch/tasks/protein",
                           "launch/tasks/speech", "launch/tasks/text", "launch/tasks/translation"],
    "launch/verbs": RUN + ["launch/doctor", "launch/exchange", "launch/report", "launch/tasks"],
    "launch": RUN + ["launch/verbs"],
}

# Libraries that are met in one place: pattern of the header, where it may stand, how to say that.
LIBRARIES = [
    (re.compile(r"mpi\.h$"), re.compile(r"worker/comm/"), "only worker/comm/ may"),
    (re.compile(r"hdf5\w*\.h$|H5\w*\.h$|base/hdf5_(call|dataset)\.h$"),
     re.compile(r"base/hdf5_\w+\.(cc|h)$"), "only base/hdf5_*.cc may"),
    (re.compile(r"boost/program_options"), re.compile(r"launch/frame/options\.cc$"),
     "only launch/frame/options.cc may"),
]

INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')
SOURCES = {".h", ".cc", ".cpp", ".hpp", ".inc"}


def layer_of(path):
    """The layer a path from the root belongs to, or None: "worker/comm/mpi.h" -> "worker/comm"."""
    folders = path.split("/")[:-1]
    return next(("/".join(folders[:n]) for n in range(len(folders), 0, -1)
                 if "/".join(folders[:n]) in LAYERS), None)


def own_header_error(path, header, root):
    if ".." in header.split("/") or header.startswith(("./", "/")):
        return "write it from the repository root, without ./ and ../"
    layer, target = layer_of(path), layer_of(header)
    if target is None:
        if (root / path).parent.joinpath(header).exists():
            return "write it from the repository root"
        return f"it is in none of the folders that {layer} may include"
    if not (root / header).is_file():
        return "there is no such file"
    if target != layer and target not in LAYERS[layer]:
        return f"{layer} may include {', '.join(LAYERS[layer] + [layer])}"
    return None


def library_error(path, header):
    for pattern, allowed, rule in LIBRARIES:
        if pattern.match(header) and not allowed.match(path):
            return rule
    return None


def line_error(path, line, root):
    """What is wrong with this line of this file, or None."""
    match = INCLUDE.match(line)
    if not match:
        return None
    bracket, header = match.groups()
    reason = library_error(path, header)
    if reason is None and bracket == '"':
        reason = own_header_error(path, header, root)
    if reason is None and bracket == "<" and layer_of(header) and (root / header).is_file():
        reason = 'our own headers stand in "quotes"'
    if reason is None:
        return None
    close = ">" if bracket == "<" else '"'
    return f"includes {bracket}{header}{close}: {reason}"


def compiles_alone_error(file, path, lines, root):
    """What keeps the compiler from proving that a header stands alone, and may be included twice."""
    if file.suffix == ".h" and not path.endswith("-inl.h"):
        return None if "#pragma once" in lines else "has no #pragma once"
    own = file.with_suffix(".h")
    if file.suffix != ".cc" or not own.is_file():
        return None
    first = next(filter(None, map(INCLUDE.match, lines)), None)
    header = own.relative_to(root).as_posix()
    if first and first[2] == header:
        return None
    return f'includes "{header}" not first, which proves that it compiles alone'


def violations(root):
    """All broken rules below root, as `file:line: text`."""
    root = pathlib.Path(root)
    found = []
    for top in sorted({layer.split("/")[0] for layer in LAYERS}):
        for file in sorted((root / top).rglob("*")):
            if file.suffix not in SOURCES or not file.is_file():
                continue
            path = file.relative_to(root).as_posix()
            folder = path.rsplit("/", 1)[0]
            if folder not in LAYERS:
                found.append(f"{path}:1: is in the folder {folder}, which has no layer; add it to "
                             "LAYERS in tests/repository/include_layers.py")
            lines = file.read_text(encoding="utf-8").splitlines()
            error = compiles_alone_error(file, path, lines, root)
            if error:
                found.append(f"{path}:1: {error}")
            for number, line in enumerate(lines, 1):
                error = line_error(path, line, root)
                if error:
                    found.append(f"{path}:{number}: {error}")
    return found


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[2]
    found = violations(root)
    print("\n".join(found) or "include_layers: every include goes one way")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
