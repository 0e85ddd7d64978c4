#include "data/text/text_options.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "base/characters.h"
#include "base/error.h"
#include "base/text.h"
#include "data/text/labelled_formats.h"

namespace lockstep {
namespace {

constexpr Index kFewestPieces = 8;
constexpr Index kMostPieces = Index{1} << 20;
constexpr std::string_view kTrainedPieces = "sentencepiece:";

using Violations = std::vector<std::string>;

bool HasFile(const TextCorpusOptions& options, DataSplit split) {
  return std::any_of(options.files.begin(), options.files.end(),
                     [&](const TextFile& file) { return file.split == split; });
}

void CheckSplits(const TextCorpusOptions& options, Violations* violations) {
  if (options.like && options.files.empty()) {
    violations->push_back("no file is given: give --test FILE, --valid FILE or --train FILE");
  }
  if (!options.like && !HasFile(options, DataSplit::kTrain)) {
    violations->push_back("no training file is given: give --train FILE or --class-file NAME=FILE");
  }
  if (HasFile(options, DataSplit::kValid) && options.draw.valid_fraction > 0) {
    violations->push_back("--valid and --valid-fraction both make the validation split: give one");
  }
  if (HasFile(options, DataSplit::kTest) &&
      (options.draw.test_fraction > 0 || options.draw.folds > 0)) {
    violations->push_back(
        "--test and --test-fraction or --fold both make the test split: give one of them");
  }
  for (std::string& problem : FindSplitDrawProblems(options.draw)) {
    violations->push_back(std::move(problem));
  }
}

void CheckTokens(const TextCorpusOptions& options, Violations* violations) {
  const bool pieces = options.tokens.kind == TokenKind::kPieces && !options.like;
  if (pieces && options.piece_model.empty() &&
      (options.pieces < kFewestPieces || options.pieces > kMostPieces)) {
    violations->push_back(fmt::format("--tokens is {}{}, allowed: {}..{} pieces", kTrainedPieces,
                                      options.pieces, kFewestPieces, kMostPieces));
  }
  if (pieces && !options.vocabulary_file.empty()) {
    violations->push_back(
        "--vocabulary is given, but a SentencePiece model has its own: leave it out");
  }
  if (options.tokens.split_punctuation && options.tokens.kind != TokenKind::kWords) {
    violations->push_back("--split-punctuation is for --tokens words only: leave it out");
  }
}

void CheckClasses(const std::vector<std::string>& classes, Violations* violations) {
  if (classes.size() == 1) violations->push_back("--classes names one class, allowed: 2 or more");
  std::set<std::string> seen;
  for (const std::string& name : classes) {
    if (name.empty()) violations->push_back("--classes has an empty name");
    if (seen.insert(name).second) continue;
    violations->push_back(fmt::format("--classes names {} twice", Printable(name)));
  }
}

// Runs a check that throws all its violations as one UsageError.
template <typename Check>
void Gather(Violations* violations, Check check) {
  try {
    check();
  } catch (const InputError& error) {
    violations->push_back(error.what());
  }
}

}  // namespace

void CheckTextOptions(const TextCorpusOptions& options) {
  Violations violations;
  CheckSplits(options, &violations);
  Gather(&violations, [&] { CheckLabelledOptions(options.lines); });
  CheckTokens(options, &violations);
  Gather(&violations, [&] { CheckVocabularyOptions(options.vocabulary); });
  CheckClasses(options.classes, &violations);
  if (options.out.empty()) violations.push_back("--out is missing: give the folder of the corpus");
  if (options.shard_bytes < 1) {
    violations.push_back(
        fmt::format("--shard-bytes is {}, allowed: 1 or more", options.shard_bytes));
  }
  if (!violations.empty()) throw UsageError("{}", fmt::join(violations, "; "));
}

nlohmann::json TextOptionsJson(const TextCorpusOptions& options) {
  const auto base_name = [](const std::string& path) {
    return std::filesystem::path(path).filename().string();
  };
  nlohmann::json json = {{"format", options.lines.format},
                         {"encoding", options.lines.encoding},
                         {"text_column", options.lines.text_column},
                         {"label_column", options.lines.label_column},
                         {"header", options.lines.header},
                         {"label_separator", options.lines.label_separator},
                         {"compose", options.rules.compose},
                         {"lower_case", options.rules.lower_case},
                         {"tokens", TokenKindName(options.tokens.kind)},
                         {"split_punctuation", options.tokens.split_punctuation},
                         {"pieces", options.pieces},
                         {"piece_model", base_name(options.piece_model)},
                         {"min_count", options.vocabulary.min_count},
                         {"max_vocabulary", options.vocabulary.max_size},
                         {"vocabulary", base_name(options.vocabulary_file)},
                         {"seed", options.draw.seed},
                         {"valid_fraction", options.draw.valid_fraction},
                         {"test_fraction", options.draw.test_fraction},
                         {"fold", options.draw.fold},
                         {"folds", options.draw.folds},
                         {"classes", options.classes},
                         {"skip_empty", options.skip_empty}};
  // Only then, because the provenance is part of the hash by which a run knows its corpus.
  if (options.like) json["like"] = base_name(options.like->folder);
  return json;
}

void ParseTokens(const std::string& value, TextCorpusOptions* options) {
  options->piece_model.clear();
  options->pieces = 0;
  for (const TokenKind kind : {TokenKind::kWords, TokenKind::kCharacters}) {
    options->tokens.kind = kind;
    if (value == TokenKindName(kind)) return;
  }
  options->tokens.kind = TokenKind::kPieces;
  if (value.ends_with(".model")) {
    options->piece_model = value;
    return;
  }
  if (value.starts_with(kTrainedPieces) &&
      ReadNumber(std::string_view(value).substr(kTrainedPieces.size()), &options->pieces)) {
    return;
  }
  throw UsageError("--tokens is {}, allowed: words, characters, {}N, or a file NAME.model",
                   Printable(value), kTrainedPieces);
}

LabelledFile ParseClassFile(const std::string& value) {
  const std::size_t sign = value.find('=');
  if (sign == 0 || sign == value.npos || sign + 1 == value.size()) {
    throw UsageError("--class-file is {}, allowed: NAME=FILE, for example positive=rt-polarity.pos",
                     Printable(value));
  }
  return {.path = value.substr(sign + 1), .label = value.substr(0, sign)};
}

}  // namespace lockstep
