#include "launch/tasks/labelled/labelled_options.h"

#include <algorithm>
#include <array>
#include <iostream>

#include "base/log.h"
#include "data/text/text_plan.h"
#include "launch/output/cell_text.h"
#include "launch/tasks/splits/split_options.h"

namespace lockstep {
namespace {

constexpr OptionRow kFiles[] = {
    {"train FILE", "file of labelled texts for training; may be repeated", OptionKind::kRepeated},
    {"valid FILE", "file of labelled texts for the validation split; may be repeated",
     OptionKind::kRepeated},
    {"test FILE", "file of labelled texts for the test split; may be repeated",
     OptionKind::kRepeated},
    {"class-file NAME=FILE",
     "NAME=FILE for training: every line of FILE is a text of class NAME; may be repeated",
     OptionKind::kRepeated},
    Rare({"valid-class-file NAME=FILE",
          "NAME=FILE for the validation split: every line of FILE is a text of class NAME; may be "
          "repeated",
          OptionKind::kRepeated}),
    Rare({"test-class-file NAME=FILE",
          "NAME=FILE for the test split: every line of FILE is a text of class NAME; may be "
          "repeated",
          OptionKind::kRepeated}),
    {"out CORPUS", "corpus folder to make"},
    Rare({"shard-bytes BYTES", "size of a shard in bytes; default 33554432 (32 MiB)"}),
};
constexpr OptionRow kFormat[] = {
    Rare({"format FORM",
          "how lines hold text and label: auto (default), tsv, csv, csv-semicolon, csv-bar, jsonl "
          "or label-first"}),
    {"text-column COLUMN",
     "column or key of the text: its name, or a number from 1; default: found by its name"},
    {"label-column COLUMN",
     "column or key of the label: its name, or a number from 1; default: found by its name"},
    Rare({"header CHOICE",
          "auto (default), yes or no: whether the first row of a table names the columns"}),
    Rare({"label-separator CHOICE",
          "blank (default), tab or comma: what ends the label in the format label-first"}),
    Rare({"encoding NAME", "encoding of all files, a name that `iconv -l` prints; default UTF-8"}),
};
constexpr OptionRow kRules[] = {
    Rare({"classes NAMES",
          "names of the classes between commas, in the order of their ids; default: those of the "
          "training texts"}),
    Rare({"like FOLDER",
          "run or corpus folder whose tokens, rules and classes are taken over, so that the run "
          "can be evaluated on this corpus; default: none"}),
    Rare({"skip-empty", "leaves rows without a text out, instead of refusing the file",
          OptionKind::kSwitch}),
};

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

}  // namespace

std::span<const OptionRow> LabelledFileRows() { return kFiles; }
std::span<const OptionRow> LabelledFormatRows() { return kFormat; }
std::span<const OptionRow> LabelledRuleRows() { return kRules; }

TextCorpusOptions LabelledOptionsOf(const Options& options) {
  TextCorpusOptions text;
  AddFiles(options, &text);
  ReadLineOptions(options, &text.lines);
  text.classes = options.AtCommas("classes");
  text.draw = SplitDrawOf(options);
  text.skip_empty = options.Has("skip-empty");
  text.out = options.Text("out");
  text.shard_bytes = options.Number("shard-bytes", text.shard_bytes, 1);
  return text;
}

void TakeOverLike(const Options& options, std::initializer_list<std::span<const OptionRow>> decided,
                  TextCorpusOptions* text) {
  const auto folder = options.Maybe("like");
  if (!folder) return;
  const auto refuse = [](const std::string& name) {
    throw UsageError("--{} does not go with --like, whose corpus decides it; leave it out", name);
  };
  if (options.Has("classes")) refuse("classes");
  for (const auto rows : decided)
    if (const OptionRow* const row = options.FirstGiven(rows)) refuse(row->name());
  TakeOver(ReadCorpusInfo(*folder), *folder, text);
}

void PrepareAndPrint(const TextCorpusOptions& options) {
  const TextCorpusSummary summary = PrepareLabelledText(options);
  for (const std::string& warning : SummaryWarnings(summary.texts)) LogWarning("{}", warning);
  std::array<Index, kDataSplits> counts{};
  std::ranges::transform(summary.texts.splits, counts.begin(), &TextSummary::Split::total);
  for (const std::string& warning : EmptyDrawWarnings(options.draw, counts))
    LogWarning("{}", warning);
  std::cout << PathText(options.out) << "\n";
  for (const std::string& line : SummaryLines(summary.texts)) std::cout << CellText(line) << "\n";
}

}  // namespace lockstep
