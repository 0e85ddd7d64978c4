#include "data/text/text_options.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "base/characters.h"
#include "base/error.h"
#include "data/splits/split_conflicts.h"
#include "data/text/labelled_formats.h"
#include "data/text/token_choice.h"

namespace lockstep {
namespace {

using Violations = std::vector<std::string>;

void CheckSplits(const TextCorpusOptions& options, Violations* violations) {
  if (options.like && options.files.empty()) {
    violations->push_back("no file is given: give --test FILE, --valid FILE or --train FILE");
  }
  if (!options.like && !HasFileOf(options.files, DataSplit::kTrain)) {
    violations->push_back("no training file is given: give --train FILE or --class-file NAME=FILE");
  }
  for (std::string& problem : FindSplitProblems(options.draw, options.files)) {
    violations->push_back(std::move(problem));
  }
}

void CheckTokens(const TextCorpusOptions& options, Violations* violations) {
  const bool pieces = options.tokens.kind == TokenKind::kPieces && !options.like;
  const TokenChoice choice{options.tokens, options.piece_model, options.pieces};
  const std::string problem = FindPieceProblem("--tokens is", choice);
  if (pieces && !problem.empty()) violations->push_back(problem);
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
  TokenChoice choice;
  choice.tokens = options->tokens;
  ParseTokenChoice(value, &choice);
  options->tokens = choice.tokens;
  options->piece_model = choice.piece_model;
  options->pieces = choice.pieces;
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
