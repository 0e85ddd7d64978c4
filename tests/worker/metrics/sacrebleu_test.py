#!/usr/bin/env python3
"""Compares our BLEU and chrF with sacreBLEU's, over 1,000 made-up lines with odd ones among them.

    tests/worker/metrics/sacrebleu_test.py TEXT_SCORES
    tests/worker/metrics/sacrebleu_test.py --record       prints the table of figures below

TEXT_SCORES prints a signature and a score per line for two files. Where sacreBLEU can be imported, its figures for
the same lines are the expected ones; elsewhere those that it gave when they were recorded (version 2.6.0).
"""

import os
import random
import subprocess
import sys
import tempfile

try:
    import sacrebleu
except ImportError:
    sacrebleu = None

LINES = 1000
TOKENIZERS = ["13a", "intl", "zh", "char", "none"]
TOLERANCE = 1e-6  # of scores up to 100, printed with nine decimals

# By sacreBLEU 2.6.0, from the lines of pairs().
RECORDED = {
    "nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp": 66.188966320,
    "nrefs:1|case:mixed|eff:no|tok:intl|smooth:exp": 68.379367280,
    "nrefs:1|case:mixed|eff:no|tok:zh|smooth:exp": 67.768995275,
    "nrefs:1|case:mixed|eff:no|tok:char|smooth:exp": 75.606890924,
    "nrefs:1|case:mixed|eff:no|tok:none|smooth:exp": 55.694504225,
    "nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no": 71.864661307,
    "nrefs:1|case:lc|eff:no|tok:13a|smooth:exp": 66.217852886,
    "nrefs:1|case:lc|eff:no|tok:intl|smooth:exp": 68.408824852,
    "nrefs:1|case:lc|eff:no|tok:zh|smooth:exp": 67.794922579,
    "nrefs:1|case:lc|eff:no|tok:char|smooth:exp": 75.709412050,
    "nrefs:1|case:lc|eff:no|tok:none|smooth:exp": 55.719552389,
    "nrefs:1|case:lc|eff:yes|nc:6|nw:0|space:no": 71.973213396,
}  # fmt: skip

WORDS = ("ein eine Mann Frau Hund läuft, sitzt auf der roten Bank. schnell-laufend 3.14 1,000 10-20 Über \"Straße\" "
         "(groß) it's don't A/B x&y 50% #1 U.S. e.g. – — … „gut“ 東京 都市 中国人 は です。 привет мир Σίσυφος ΟΔΟΣ "
         "İstanbul ½ ² €5 $3.50 😀 👍🏽 naïve naïve co-op <b> </b> &amp; &quot; a.b. 5. .5 ,, -- -5 2- [x] {y}").split(" ")

ODD = [  # reference, hypothesis
    ("", ""), ("", "something"), ("something", ""), ("one", "one"), ("one", "two"), ("a b", "b a"),
    ("   ", "\t"), ("a\u00a0b c", "a b c"), ("a\u3000b", "a b"), ("中国人民", "中国 人民"), ("日本語。", "日本語."),
    ("&lt;p&gt; &amp;amp; &quot;x&quot;", "<p> &amp; \"x\""), ("<skipped>", "<skipped> x"), ("5.", "5 ."), ("5,", "5,"),
    ("1,000.5-7", "1,000.5 - 7"), ("😀😀 👍🏽", "😀 😀 👍"), ("ΟΔΟΣ ΣΑΣ Σ", "οδος σας σ"), ("İ I ı i", "i̇ i ı i"),
    ("e\u0301tude", "étude"), ("…...", "... …"), ("«Oui»?!", "« Oui » ? !"), ("a" * 300, "a" * 299), ("- - -", "---"),
    ("x\u200by", "xy"), ("x\u2028y", "x y"), ("Ⅷ ② ¾", "VIII 2 3/4"), ("~`^_|\\", "~ ` ^ _ | \\"), ("'s ' ''", "' s"),
]  # fmt: skip


def pairs():
    """References and hypotheses: sentences with words left out, changed or doubled, then the odd pairs."""
    draw = random.Random(11)
    for _ in range(LINES - len(ODD)):
        reference = [WORDS[draw.randrange(len(WORDS))] for _ in range(1 + draw.randrange(25))]
        hypothesis = []
        for word in reference:
            kind = draw.random()
            if kind < 0.08:
                continue
            hypothesis.append(WORDS[draw.randrange(len(WORDS))] if kind < 0.2 else word)
            if kind > 0.95:
                hypothesis.append(word)
        yield " ".join(reference), " ".join(hypothesis)
    yield from ODD


def their_scores(lines):
    """Signature without version -> score."""
    references, hypotheses = [pair[0] for pair in lines], [pair[1] for pair in lines]
    metrics = []
    for lower_case in (False, True):
        metrics += [sacrebleu.BLEU(lowercase=lower_case, tokenize=name, force=True) for name in TOKENIZERS]
        metrics.append(sacrebleu.CHRF(lowercase=lower_case))
    scores = {}
    for metric in metrics:
        score = metric.corpus_score(hypotheses, [references]).score
        signature = metric.get_signature().format()
        scores[signature[:signature.index("|version:")]] = score
    return scores


def our_scores(program, lines):
    with tempfile.TemporaryDirectory() as folder:
        names = [os.path.join(folder, name) for name in ("references", "hypotheses")]
        for side, name in enumerate(names):
            with open(name, "w", encoding="utf-8", newline="\n") as file:
                file.writelines(pair[side] + "\n" for pair in lines)
        done = subprocess.run([program, *names], capture_output=True, text=True, check=True)
    return {row.split("\t")[0]: float(row.split("\t")[1]) for row in done.stdout.splitlines()}


def main():
    lines = list(pairs())
    if sys.argv[1] == "--record":
        for signature, score in their_scores(lines).items():
            print(f'    "{signature}": {score:.9f},')
        return 0
    theirs = their_scores(lines) if sacrebleu else RECORDED
    ours = our_scores(os.path.abspath(sys.argv[1]), lines)
    wrong = sorted(name for name in ours.keys() | theirs.keys()
                   if abs(ours.get(name, -1) - theirs.get(name, -2)) > TOLERANCE)  # fmt: skip
    for name in wrong:
        print(f"{name}: ours {ours.get(name)}, sacreBLEU {theirs.get(name)}")
    source = f"sacreBLEU {sacrebleu.__version__}" if sacrebleu else "recorded figures of sacreBLEU"
    print(f"{len(lines)} lines, {len(theirs)} scores, {len(wrong)} differ from {source}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
