#include "launch/tasks/text/prepare_text.h"

#include <array>
#include <iostream>

#include "base/log.h"
#include "data/text/text_corpus.h"

namespace lockstep {
namespace {

constexpr const char* kUsage =
    "Makes a corpus from texts with one label each (docs/text.md): one sequence of tokens and one "
    "class per text.\n"
    "  lockstep prepare text --task classify --train train.tsv --valid dev.tsv --test test.tsv "
    "--out CORPUS\n"
    "  lockstep prepare text --task classify --train all.jsonl --fold 1/10 --valid-fraction 0.1 "
    "--out CORPUS\n"
    "  lockstep prepare text --task classify --class-file pos=FILE --class-file neg=FILE --out "
    "CORPUS\n";

constexpr OptionRow kFiles[] = {
    {"task", "what the corpus is for: classify (default)"},
    {"train", "file of labelled texts for training; may be repeated", OptionKind::kRepeated},
    {"valid", "file of labelled texts for the validation split; may be repeated",
     OptionKind::kRepeated},
    {"test", "file of labelled texts for the test split; may be repeated", OptionKind::kRepeated},
    {"class-file",
     "NAME=FILE for training: every line of FILE is a text of class NAME; may be repeated",
     OptionKind::kRepeated},
    {"valid-class-file",
     "NAME=FILE for the validation split: every line of FILE is a text of class NAME; may be "
     "repeated",
     OptionKind::kRepeated},
    {"test-class-file",
     "NAME=FILE for the test split: every line of FILE is a text of class NAME; may be repeated",
     OptionKind::kRepeated},
    {"out", "corpus folder to make"},
    {"shard-bytes", "size of a shard in bytes; default 33554432 (32 MiB)"},
};
constexpr OptionRow kReading[] = {
    {"format", "auto (default), tsv, csv, jsonl or label-first: how lines hold text and label"},
    {"text-column",
     "column or key of the text: its name, or a number from 1; default: found by its name"},
    {"label-column",
     "column or key of the label: its name, or a number from 1; default: found by its name"},
    {"header", "auto (default), yes or no: whether the first row of a table names the columns"},
    {"label-separator",
     "blank (default), tab or comma: what ends the label in the format label-first"},
    {"encoding", "encoding of all files, a name that `iconv -l` prints; default UTF-8"},
    {"tokens",
     "words (default), characters, sentencepiece:N (N pieces), or the path of a SentencePiece "
     ".model"},
    {"min-count", "tokens rarer than this in the training texts get no id of their own; default 2"},
    {"max-vocabulary", "most ids of tokens; default 50000"},
    {"vocabulary",
     "file with one token per line, the only tokens with an id; default: the tokens of the "
     "training texts"},
};
constexpr OptionRow kSplits[] = {
    {"classes",
     "names of the classes between commas, in the order of their ids; default: those of the "
     "training texts"},
    {"valid-fraction",
     "share of the training texts that becomes the validation split, 0 to 0.9; default 0"},
    {"test-fraction",
     "share of the training texts that becomes the test split, 0 to 0.9; default 0"},
    {"fold", "K/N: cross-validation, fold K of N becomes the test split; default: none"},
    {"seed", "seed of the draws of splits; default 1"},
};
constexpr OptionRow kSwitches[] = {
    {"no-compose",
     "leaves accented letters as they are written, instead of composing them (Unicode NFC)",
     OptionKind::kSwitch},
    {"lower-case", "makes all letters lower case", OptionKind::kSwitch},
    {"split-punctuation", "makes each sign of punctuation a token of its own", OptionKind::kSwitch},
    {"skip-empty", "leaves texts without a token out, instead of refusing the file",
     OptionKind::kSwitch},
};

OptionTable Describe() { return {kFiles, kReading, kSplits, kSwitches}; }

double Fraction(const Options& options, const std::string& name) {
  constexpr double kMost = 0.9;
  return options.Real(name, 0, 0, kMost);
}

void AddFiles(const Options& options, TextCorpusOptions* text) {
  constexpr std::array<DataSplit, 3> kAll = {DataSplit::kTrain, DataSplit::kValid,
                                             DataSplit::kTest};
  for (const DataSplit split : kAll) {
    const std::string name = DataSplitName(split);
    for (const std::string& path : options.List(name))
      text->files.push_back({split, {.path = path}});
    const std::string class_files =
        split == DataSplit::kTrain ? "class-file" : name + "-class-file";
    for (const std::string& value : options.List(class_files))
      text->files.push_back({split, ParseClassFile(value)});
  }
}

void ReadLineOptions(const Options& options, LabelledLinesOptions* lines) {
  lines->format = options.Maybe("format").value_or(lines->format);
  lines->encoding = options.Maybe("encoding").value_or(lines->encoding);
  lines->text_column = options.Maybe("text-column").value_or("");
  lines->label_column = options.Maybe("label-column").value_or("");
  lines->header = options.Maybe("header").value_or(lines->header);
  lines->label_separator = options.Maybe("label-separator").value_or(lines->label_separator);
}

TextCorpusOptions TextOptionsOf(const Options& options) {
  TextCorpusOptions text;
  AddFiles(options, &text);
  ReadLineOptions(options, &text.lines);
  text.rules = {.compose = !options.Has("no-compose"), .lower_case = options.Has("lower-case")};
  if (const auto tokens = options.Maybe("tokens")) ParseTokens(*tokens, &text);
  text.tokens.split_punctuation = options.Has("split-punctuation");
  text.vocabulary.min_count = options.Number("min-count", text.vocabulary.min_count, 1);
  text.vocabulary.max_size = options.Number("max-vocabulary", text.vocabulary.max_size, 2);
  text.vocabulary_file = options.Maybe("vocabulary").value_or("");
  text.classes = options.AtCommas("classes");
  text.draw.seed = static_cast<std::uint64_t>(options.Number("seed", 1, 0));
  text.draw.valid_fraction = Fraction(options, "valid-fraction");
  text.draw.test_fraction = Fraction(options, "test-fraction");
  if (const auto fold = options.Maybe("fold")) ParseFold(*fold, &text.draw);
  text.skip_empty = options.Has("skip-empty");
  text.out = options.Text("out");
  text.shard_bytes = options.Number("shard-bytes", text.shard_bytes, 1);
  return text;
}

}  // namespace

ExitCode PrepareTextVerb(const Arguments& arguments) {
  const Options options("prepare text", Describe(), arguments);
  if (options.Has("help")) {
    std::cout << kUsage << Describe();
    return ExitCode::kDone;
  }
  const std::string task = options.Maybe("task").value_or("classify");
  if (task != "classify")
    throw UsageError("prepare text: --task is \"{}\"; allowed is classify", task);
  const TextCorpusOptions text = TextOptionsOf(options);
  const TextCorpusSummary summary = PrepareLabelledText(text);
  for (const std::string& warning : SummaryWarnings(summary.texts)) LogWarning("{}", warning);
  std::cout << text.out << "\n";
  for (const std::string& line : SummaryLines(summary.texts)) std::cout << line << "\n";
  return ExitCode::kDone;
}

}  // namespace lockstep
