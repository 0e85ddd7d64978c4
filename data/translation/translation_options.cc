#include "data/translation/translation_options.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/characters.h"
#include "base/error.h"
#include "data/text/text_options.h"
#include "data/translation/pair_encoder.h"

namespace lockstep {
namespace {

constexpr Index kFewestPieces = 8;
constexpr Index kMostPieces = Index{1} << 20;

using Violations = std::vector<std::string>;

void CheckFiles(const TranslationOptions& options, Violations* violations) {
  const auto is_training = [](const ParallelFile& file) { return file.split == DataSplit::kTrain; };
  if (options.files.empty())
    violations->emplace_back("no file is given: give --train SOURCE TARGET");
  else if (!options.like && std::ranges::none_of(options.files, is_training))
    violations->emplace_back("no training file is given: give --train SOURCE TARGET");
  for (const ParallelFile& file : options.files) {
    if (file.source == file.target) {
      violations->push_back(
          fmt::format("{} is given as source and as target of the same pairs", file.source));
    }
  }
  if (options.source_column < 1 || options.target_column < 1 ||
      options.source_column == options.target_column) {
    violations->push_back(fmt::format("--columns is {},{}; allowed: two different numbers from 1",
                                      options.source_column, options.target_column));
  }
}

void CheckTokens(const char* side, const TokenChoice& choice, Violations* violations) {
  const bool pieces = choice.tokens.kind == TokenKind::kPieces;
  if (pieces && choice.piece_model.empty() &&
      (choice.pieces < kFewestPieces || choice.pieces > kMostPieces)) {
    violations->push_back(fmt::format("the tokens of the {} are sentencepiece:{}, allowed: {}..{}",
                                      side, choice.pieces, kFewestPieces, kMostPieces));
  }
}

std::string TokenText(const TokenChoice& choice) {
  if (!choice.piece_model.empty())
    return std::filesystem::path(choice.piece_model).filename().string();
  if (choice.tokens.kind == TokenKind::kPieces)
    return fmt::format("sentencepiece:{}", choice.pieces);
  return TokenKindName(choice.tokens.kind);
}

}  // namespace

void CheckTranslationOptions(const TranslationOptions& options) {
  Violations violations = FindSplitDrawProblems(options.draw);
  CheckFiles(options, &violations);
  if (!options.like) {
    CheckTokens("source", options.source, &violations);
    CheckTokens("target", options.target, &violations);
    if (options.shared && options.source != options.target) {
      violations.emplace_back(
          "--shared makes one vocabulary of both sides, so that they must have the same tokens: "
          "leave --source-tokens and --target-tokens out, or --shared");
    }
  }
  try {
    CheckVocabularyOptions(options.vocabulary);
  } catch (const InputError& error) {
    violations.emplace_back(error.what());
  }
  if (options.max_tokens < 0)
    violations.push_back(fmt::format("--max-tokens is {}, allowed: 0 or more", options.max_tokens));
  if (options.out.empty())
    violations.emplace_back("--out is missing: give the folder of the corpus");
  if (options.shard_bytes < 1) {
    violations.push_back(
        fmt::format("--shard-bytes is {}, allowed: 1 or more", options.shard_bytes));
  }
  if (!violations.empty()) throw UsageError("{}", fmt::join(violations, "; "));
}

nlohmann::json TranslationOptionsJson(const TranslationOptions& options) {
  nlohmann::json json = {{"source_column", options.source_column},
                         {"target_column", options.target_column},
                         {"encoding", options.encoding},
                         {"compose", options.rules.compose},
                         {"lower_case", options.rules.lower_case},
                         {"source_tokens", TokenText(options.source)},
                         {"target_tokens", TokenText(options.target)},
                         {"split_punctuation", options.source.tokens.split_punctuation},
                         {"shared", options.shared},
                         {"min_count", options.vocabulary.min_count},
                         {"max_vocabulary", options.vocabulary.max_size},
                         {"seed", options.draw.seed},
                         {"valid_fraction", options.draw.valid_fraction},
                         {"test_fraction", options.draw.test_fraction},
                         {"fold", options.draw.fold},
                         {"folds", options.draw.folds},
                         {"skip_empty", options.skip_empty},
                         {"max_tokens", options.max_tokens}};
  if (options.like) json["like"] = std::filesystem::path(options.like->folder).filename().string();
  return json;
}

void ParseTokenChoice(const std::string& value, TokenChoice* choice) {
  TextCorpusOptions text;
  text.tokens = choice->tokens;
  ParseTokens(value, &text);
  choice->tokens.kind = text.tokens.kind;
  choice->piece_model = text.piece_model;
  choice->pieces = text.pieces;
}

void AddParallelFiles(DataSplit split, const std::vector<std::string>& paths,
                      TranslationOptions* options) {
  if (paths.size() == 1) {
    options->files.push_back({split, paths.front(), ""});
    return;
  }
  if (paths.size() % 2 != 0) {
    throw UsageError(
        "--{} has {} files; allowed are one table of pairs, or an even number: SOURCE TARGET "
        "SOURCE TARGET ...",
        DataSplitName(split), paths.size());
  }
  for (std::size_t i = 0; i < paths.size(); i += 2)
    options->files.push_back({split, paths[i], paths[i + 1]});
}

void TakeOver(const CorpusInfo& corpus, const std::string& folder, TranslationOptions* options) {
  if (corpus.kind != kTranslationKind) {
    throw UsageError(
        "--like {} is of kind \"{}\", which is no parallel text; give a corpus of `lockstep "
        "prepare translation`, or a run that was trained on one",
        folder, corpus.kind);
  }
  options->like = {folder, corpus.task, corpus.schema};
  const PairEncoder encoder = PairEncoder::FromTask(corpus.task, corpus.schema, folder);
  options->rules = encoder.source().rules();
  options->source = {encoder.source().tokenizer().options(), "", 0};
  options->target = {encoder.target().tokenizer().options(), "", 0};
  options->shared = encoder.shared();
}

}  // namespace lockstep
