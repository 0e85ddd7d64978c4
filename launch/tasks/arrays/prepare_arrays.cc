#include "launch/tasks/arrays/prepare_arrays.h"

#include <deque>
#include <iostream>

#include "base/log.h"
#include "data/arrays/array_summary.h"
#include "launch/frame/help.h"
#include "launch/output/cell_text.h"
#include "launch/tasks/arrays/array_arguments.h"
#include "launch/tasks/splits/split_options.h"

namespace lockstep {
namespace {

constexpr const char* kUsage =
    "Makes a corpus from numbers of your own (docs/arrays.md): tables (CSV, TSV), NumPy or HDF5 "
    "files.\n"
    "  lockstep prepare arrays --train rain.csv --sequence-column basin --target-columns discharge "
    "--out CORPUS\n"
    "  lockstep prepare arrays --train wine.csv --target-columns quality --target class "
    "--test-fraction 0.2 --out CORPUS\n"
    "  lockstep prepare arrays --inputs x.npy --targets y.npy --valid-fraction 0.1 --out CORPUS\n"
    "  lockstep prepare arrays --train ecg.npz --inputs x --targets y --lengths n --out CORPUS\n";

constexpr OptionRow kFiles[] = {
    {"train FILE", "table, .npz or HDF5 file for training; tables may be repeated",
     OptionKind::kRepeated},
    {"valid FILE", "table, .npz or HDF5 file for validation; tables may be repeated",
     OptionKind::kRepeated},
    {"test FILE", "table, .npz or HDF5 file for the test; tables may be repeated",
     OptionKind::kRepeated},
    {"out CORPUS", "corpus folder to make"},
    Rare({"shard-bytes BYTES", "size of a shard in bytes; default 33554432 (32 MiB)"}),
};
// What --like takes from another corpus.
constexpr OptionRow kRead[] = {
    {"sequence-column COLUMN",
     "column that names the sequence of a row; rows of one sequence follow each other; default: "
     "each row is a sequence of one step"},
    {"input-columns COLUMNS",
     "inputs, names between commas; default: all columns of numbers that no option names"},
    {"static-columns COLUMNS", "inputs that are the same in all rows of a sequence"},
    {"target-columns COLUMNS", "target, or several real targets between commas"},
    Rare({"header CHOICE",
          "yes (default): the first row of a table names its columns; no: it is data, and the "
          "columns are called 1, 2, ..."}),
    Rare({"delimiter SIGN",
          "comma, semicolon, tab, bar or a sign; default: the one that splits the header most"}),
    Rare({"encoding NAME", "encoding of tables, a name that `iconv -l` prints; default UTF-8"}),
    Rare({"missing WORDS",
          "words or numbers between commas that stand for a missing value: --missing=-999"}),
    Rare({"file-per-sequence", "makes each table one sequence, called as its file",
          OptionKind::kSwitch}),
};
constexpr OptionRow kTables[] = {
    Rare({"time-column COLUMN", "column whose numbers or ISO dates must rise within a sequence"}),
    Rare({"split-column COLUMN", "column that says train, valid or test"}),
};
constexpr OptionRow kRules[] = {
    {"target KIND",
     "class or real; default: found from the data, unless it holds whole numbers only"},
    {"target-per CHOICE",
     "step or sequence; default: sequence where no target changes within its sequence, else step"},
    {"classes NAMES", "names of the classes between commas, in the order of their ids"},
    Rare({"missing-values CHOICE",
          "refuse (default), mean, previous (value in the sequence) or indicator (mean, and a "
          "further input that is 1 where the value was missing)"}),
    {"normalise CHOICE",
     "standard (default: less the mean, through the standard deviation), range (0 to 1) or none: "
     "how inputs are scaled, by the training split"},
    Rare({"normalise-targets CHOICE", "the same for real targets; default standard"}),
};
constexpr OptionRow kOthers[] = {
    Rare({"skip-missing-targets",
          "leaves out steps and sequences without a target, instead of refusing the file",
          OptionKind::kSwitch}),
    Rare({"like FOLDER",
          "run or corpus folder: these files are read, scaled and classified as its own, so that "
          "the run can be evaluated on them; default: none"}),
};
constexpr OptionRow kMembers[] = {
    Rare({"inputs NAME", "array of inputs [N, T, D], [N, D] or [rows, D]"}),
    Rare({"targets NAME", "array of targets [N], [N, T], [N, K], [N, T, K], [rows] or [rows, K]"}),
    Rare({"lengths NAME", "array of the steps of each sequence [N]; default: all T"}),
    Rare(
        {"offsets NAME", "array of the first row of each sequence and the number of rows [N + 1]"}),
    Rare({"static-inputs NAME", "array of inputs that are constant per sequence [N] or [N, S]"}),
};

// kMembers for each split. OptionRow points at its texts, so they live as long as the program.
std::span<const OptionRow> MemberRows() {
  static std::deque<std::string> texts;
  const auto keep = [](std::string text) { return texts.emplace_back(std::move(text)).c_str(); };
  static const std::vector<OptionRow> rows = [&] {
    std::vector<OptionRow> made;
    for (const auto& [prefix, split] :
         {std::pair("", "training"), {"valid-", "validation"}, {"test-", "test"}}) {
      for (const OptionRow& row : kMembers) {
        made.push_back(
            {keep(std::string(prefix) + row.spec),
             keep(fmt::format("name in the .npz or HDF5 file of the {} split, or path of "
                              "an .npy file: {}",
                              split, row.help))});
      }
    }
    return made;
  }();
  return rows;
}

OptionTable Describe() {
  return {{"Files", kFiles},
          {"Columns and rows of tables", kTables},
          {"Columns and rows of tables", kRead},
          {"Values and targets", kRules},
          {"Splits", SplitDrawRows()},
          {"Other", kOthers},
          {"Arrays in .npz, .npy and HDF5 files", MemberRows()}};
}

// A word of an option to a value; the first is what stands when it is not given.
template <typename Value>
Value Choice(const Options& options, const std::string& name, Value otherwise,
             std::initializer_list<std::pair<const char*, Value>> allowed) {
  const auto word = options.Maybe(name);
  if (!word) return otherwise;
  std::vector<std::string> words;
  for (const auto& [allowed_word, value] : allowed) {
    if (*word == allowed_word) return value;
    words.emplace_back(allowed_word);
  }
  throw UsageError("prepare arrays: --{} is \"{}\"; allowed are {}", name, *word,
                   fmt::join(words, " and "));
}

void ReadTableOptions(const Options& options, ArrayTableOptions* table) {
  const std::string header = options.Maybe("header").value_or("yes");
  if (header != "yes" && header != "no")
    throw UsageError("prepare arrays: --header is \"{}\"; allowed are yes and no", header);
  table->has_header = header == "yes";
  table->delimiter = options.Maybe("delimiter").value_or("");
  table->encoding = options.Maybe("encoding").value_or(table->encoding);
  table->sequence_column = options.Maybe("sequence-column").value_or("");
  table->time_column = options.Maybe("time-column").value_or("");
  table->split_column = options.Maybe("split-column").value_or("");
  table->input_columns = NamesOf(options, "input-columns");
  table->static_columns = NamesOf(options, "static-columns");
  table->target_columns = NamesOf(options, "target-columns");
  table->file_per_sequence = options.Has("file-per-sequence");
}

void ReadFiles(const Options& options, ArrayCorpusOptions* arrays) {
  for (int s = 0; s < kDataSplits; ++s) {
    const std::string name = DataSplitName(static_cast<DataSplit>(s));
    ArrayFiles& files = arrays->files[static_cast<std::size_t>(s)];
    files.files = options.List(name);
    files.members = MembersOf(options, s == 0 ? "" : name + "-");
    // The names in an .npz or HDF5 file are those of the training split where a split has none.
    if (s > 0 && !files.files.empty()) FillMembers(arrays->files[0].members, &files.members);
  }
}

void TakeOverLike(const Options& options, const std::string& like, ArrayCorpusOptions* arrays) {
  for (const std::span<const OptionRow> decided : {std::span<const OptionRow>(kRead), {kRules}}) {
    if (const OptionRow* const row = options.FirstGiven(decided))
      throw UsageError(
          "prepare arrays: --{} does not go with --like, whose corpus decides it; leave it out",
          row->name());
  }
  TakeOver(ReadCorpusInfo(like), like, arrays);
}

ArrayCorpusOptions ArrayOptionsOf(const Options& options) {
  ArrayCorpusOptions arrays;
  ReadFiles(options, &arrays);
  ReadTableOptions(options, &arrays.read.table);
  arrays.read.missing = MissingMarks(NamesOf(options, "missing"));
  arrays.read.target = Choice(options, "target", TargetKind::kFromData,
                              {{"class", TargetKind::kClass}, {"real", TargetKind::kReal}});
  arrays.read.per = Choice(options, "target-per", TargetPer::kFromData,
                           {{"step", TargetPer::kStep}, {"sequence", TargetPer::kSequence}});
  arrays.classes = NamesOf(options, "classes");
  if (const auto word = options.Maybe("missing-values"))
    arrays.missing_rule = ParseMissingRule(*word);
  if (const auto word = options.Maybe("normalise"))
    arrays.inputs = ParseScalingRule(*word, "--normalise");
  if (const auto word = options.Maybe("normalise-targets"))
    arrays.targets = ParseScalingRule(*word, "--normalise-targets");
  arrays.skip_missing_targets = options.Has("skip-missing-targets");
  arrays.draw = SplitDrawOf(options);
  if (const auto like = options.Maybe("like")) TakeOverLike(options, *like, &arrays);
  arrays.out = options.Text("out");
  arrays.shard_bytes = options.Number("shard-bytes", arrays.shard_bytes, 1);
  return arrays;
}

}  // namespace

ExitCode PrepareArraysVerb(const Arguments& arguments) {
  const Options options("prepare arrays", Describe(), arguments);
  if (PrintsHelp(options, kUsage, Describe())) return ExitCode::kDone;
  const ArrayCorpusOptions arrays = ArrayOptionsOf(options);
  const ArrayCorpusSummary summary = PrepareArrays(arrays);
  for (const std::string& warning : SummaryWarnings(summary)) LogWarning("{}", warning);
  std::array<Index, kDataSplits> counts{};
  for (std::size_t s = 0; s < counts.size(); ++s)
    counts[s] = summary.survey.SequencesOf(static_cast<DataSplit>(s));
  for (const std::string& warning : EmptyDrawWarnings(arrays.draw, counts))
    LogWarning("{}", warning);
  std::cout << PathText(arrays.out) << "\n";
  for (const std::string& line : SummaryLines(summary)) std::cout << CellText(line) << "\n";
  return ExitCode::kDone;
}

}  // namespace lockstep
