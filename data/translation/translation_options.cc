#include "data/translation/translation_options.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "data/splits/split_conflicts.h"
#include "data/translation/pair_encoder.h"
#include "data/translation/synthetic_pairs.h"

namespace lockstep {
namespace {

using Violations = std::vector<std::string>;

void CheckFiles(const TranslationOptions& options, Violations* violations) {
  if (options.files.empty())
    violations->emplace_back("no file is given: give --train SOURCE TARGET, or --synthetic N");
  else if (!options.like && !HasFileOf(options.files, DataSplit::kTrain))
    violations->emplace_back("no training file is given: give --train SOURCE TARGET");
  for (const ParallelFile& file : options.files) {
    std::error_code ignored;  // of files that do not exist, which are told when they are read
    if (file.source == file.target ||
        std::filesystem::equivalent(file.source, file.target, ignored)) {
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

void CheckSynthetic(const TranslationOptions& options, Violations* violations) {
  if (options.synthetic < kFewestSynthetic) {
    violations->push_back(
        fmt::format("--synthetic is {}, allowed: {} or more", options.synthetic, kFewestSynthetic));
  }
  if (!options.files.empty() || options.draw.draws()) {
    violations->emplace_back(
        "--synthetic makes its own pairs for all splits: leave out --train, --valid, --test, "
        "--valid-fraction, --test-fraction and --fold");
  }
}

}  // namespace

void CheckTranslationOptions(const TranslationOptions& options) {
  Violations violations = FindSplitProblems(options.draw, options.files);
  options.synthetic != 0 ? CheckSynthetic(options, &violations) : CheckFiles(options, &violations);
  if (!options.like) {
    for (const auto& [side, choice] :
         {std::pair{"source", options.source}, std::pair{"target", options.target}}) {
      const std::string what = fmt::format("the tokens of the {} are", side);
      const std::string problem = FindPieceProblem(what, choice);
      if (!problem.empty()) violations.push_back(problem);
    }
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
                         {"source_tokens", TokenChoiceText(options.source)},
                         {"target_tokens", TokenChoiceText(options.target)},
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
  // Only then, because the provenance is part of the hash by which a run knows its corpus.
  if (options.rules.plain_punctuation) json["plain_punctuation"] = true;
  if (options.like) json["like"] = std::filesystem::path(options.like->folder).filename().string();
  return json;
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
