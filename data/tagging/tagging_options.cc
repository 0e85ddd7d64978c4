#include "data/tagging/tagging_options.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "data/splits/split_conflicts.h"

namespace lockstep {
namespace {

std::string NameOf(std::optional<TagScheme> scheme, const char* otherwise) {
  return scheme ? TagSchemeName(*scheme) : otherwise;
}

}  // namespace

void CheckTaggingOptions(const TaggingOptions& options) {
  CheckVocabularyOptions(options.vocabulary);
  std::vector<std::string> problems = FindSplitProblems(options.draw, options.files);
  const auto refuse = [&](bool holds, const std::string& problem) {
    if (holds) problems.push_back(problem);
  };
  refuse(options.files.empty(), "no file is given: --train FILE");
  refuse(!options.files.empty() && !options.like && !HasFileOf(options.files, DataSplit::kTrain),
         "no --train file is given, and no --like corpus whose words are known");
  refuse(options.write_as == TagScheme::kPlain && options.read_as != TagScheme::kPlain,
         "--scheme plain cannot be made of other tags; give --tags plain to take tags as they are");
  refuse(options.read_as == TagScheme::kPlain && options.write_as &&
             options.write_as != TagScheme::kPlain,
         "--tags plain takes tags as they are; leave --scheme out");
  if (!problems.empty()) throw UsageError("prepare text: {}", fmt::join(problems, "; "));
}

nlohmann::json TaggingOptionsJson(const TaggingOptions& options) {
  nlohmann::json json = {
      {"format", options.format.format},
      {"encoding", options.format.encoding},
      {"tag_column", options.format.tag_column},
      {"tags", NameOf(options.read_as, "auto")},
      {"scheme", NameOf(options.write_as, "as read")},
      {"repair_tags", options.repair},
      {"min_count", options.vocabulary.min_count},
      {"max_vocabulary", options.vocabulary.max_size},
      {"vocabulary", std::filesystem::path(options.vocabulary_file).filename().string()},
      {"valid_fraction", options.draw.valid_fraction},
      {"test_fraction", options.draw.test_fraction},
      {"folds", options.draw.folds},
      {"fold", options.draw.fold},
      {"seed", options.draw.seed}};
  if (options.equal_together) json["equal_together"] = true;
  if (options.format.word_column != 1) json["word_column"] = options.format.word_column;
  return json;
}

void TakeOver(const CorpusInfo& corpus, const std::string& folder, TaggingOptions* options) {
  if (!IsTaggingSchema(corpus.schema)) {
    throw UsageError(
        "--like {} is not a corpus of tagged sentences, nor a run that was trained on one; give "
        "one that `lockstep prepare text --task tag` made",
        folder);
  }
  options->like = {folder, corpus.task, corpus.schema};
  options->rules = WordEncoder::FromTask(corpus.task, corpus.schema, folder).rules();
  const auto spans = SpanTags::Of(corpus.schema.VocabularyOf(corpus.target()));
  options->write_as = spans ? spans->scheme() : TagScheme::kPlain;
  if (!spans) options->read_as = TagScheme::kPlain;
}

}  // namespace lockstep
