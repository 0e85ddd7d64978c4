#include "data/tagging/tagging_corpus.h"

#include <utf8proc.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "base/error.h"
#include "base/work_progress.h"
#include "data/corpus/source_file.h"
#include "data/corpus/source_table.h"
#include "data/tagging/surveyed_sentences.h"

namespace lockstep {
namespace {

// Characters that occur less often in training have no id, so that the unknown one is trained.
constexpr Index kLeastCharacterCount = 2;

struct Vocabularies {
  Vocabulary words, characters, tags;
  OnceRange once;
  Index different_words = 0;
};

// Ids are in descending order of counts, so words that occur once have the last ids.
OnceRange OnceIn(const Vocabulary& words, const TokenCounter& counter) {
  const Index size = std::ssize(words.names);
  Index begin = size;
  while (begin > 1 && counter.Count(words.names[static_cast<std::size_t>(begin - 1)]) == 1) --begin;
  return {begin == size ? 0 : begin, begin == size ? 0 : size};
}

// Reads the sentences of all splits, and gives those of validation and test to `known`.
Vocabularies CountWords(const TaggingOptions& options, const TaggingSurvey& survey,
                        KnownSamples* known) {
  TokenCounter words, characters;
  SurveyedSentences sentences(options, survey);
  for (TaggedSentence sentence; sentences.Next(&sentence);) {
    known->AddOther(sentences.split(), HashOfSentence(sentence));
    if (sentences.split() != DataSplit::kTrain) continue;
    for (const std::string& token : sentence.tokens) {
      words.Add(RuledWord(options.rules, token));
      characters.Add(CharactersOf(options.rules, token));
    }
  }
  Vocabularies found;
  found.tags = TagVocabulary(survey.write_as, survey.types);
  found.characters = characters.Finish({.min_count = kLeastCharacterCount});
  if (!options.vocabulary_file.empty()) {
    found.words = VocabularyFromFile(options.vocabulary_file, options.rules.text);
    return found;
  }
  found.words = words.Finish(options.vocabulary);
  found.once = OnceIn(found.words, words);
  found.different_words = words.distinct();
  return found;
}

Vocabularies VocabulariesOf(const LikeTagging& like) {
  Vocabularies found;
  found.words = like.schema.vocabularies[0];
  found.characters = like.schema.vocabularies[1];
  found.tags = like.schema.vocabularies.back();
  found.once = WordEncoder::FromTask(like.task, like.schema, like.folder).once();
  return found;
}

CorpusInfo HeaderOf(const TaggingOptions& options, const Vocabularies& vocabularies,
                    const WordEncoder& encoder) {
  CorpusInfo info;
  info.kind = "text";
  info.schema = TaggingSchema(vocabularies.words, vocabularies.characters, vocabularies.tags);
  info.has_names = true;
  std::vector<std::string> paths;
  for (const TaggedFile& file : options.files) paths.push_back(file.path);
  info.sources = SourceNames(paths);
  info.task = options.like ? options.like->task : encoder.TaskJson();
  return info;
}

class SentenceWriter {
 public:
  SentenceWriter(const TaggingOptions& options, const CorpusInfo& header,
                 const WordEncoder& encoder, CorpusWriter* writer, TaggingSummary* summary)
      : options_(options),
        header_(header),
        encoder_(encoder),
        tags_(header.schema.VocabularyOf(header.target())),
        spans_(SpanTags::Of(tags_)),
        writer_(*writer),
        summary_(*summary) {
    for (std::size_t id = 0; id < tags_.names.size(); ++id)
      ids_.emplace(tags_.names[id], static_cast<std::int32_t>(id));
    const std::size_t types = spans_ ? spans_->types().size() : tags_.names.size();
    for (TaggingSummary::Split& split : summary_.splits) split.spans.assign(types, 0);
  }

  void Add(const TaggedSentence& sentence, DataSplit split, std::size_t file) {
    std::vector<std::int32_t> tags;
    for (const std::string& tag : sentence.tags) tags.push_back(ids_.at(tag));
    const EncodedWords words = encoder_.Encode(sentence.tokens);
    const std::vector<std::int32_t> characters = words.CharacterRecord();
    const std::string name = fmt::format("{}:{}", header_.sources[file], sentence.lines.front());
    writer_.SetSource(static_cast<Index>(file));
    writer_.Add(DataSplitName(split),
                {{std::as_bytes(std::span(words.words)), std::as_bytes(std::span(characters)),
                  std::as_bytes(std::span(words.shapes)), TagBytes(tags)},
                 std::ssize(words.words),
                 name});
    Count(words, tags, &summary_.splits[static_cast<std::size_t>(split)]);
  }

 private:
  std::span<const std::byte> TagBytes(const std::vector<std::int32_t>& tags) {
    if (header_.target().type == ElementType::kInt32) return std::as_bytes(std::span(tags));
    bytes_.clear();
    for (const std::int32_t tag : tags) bytes_.push_back(static_cast<std::byte>(tag));
    return bytes_;
  }

  void Count(const EncodedWords& words, const std::vector<std::int32_t>& tags,
             TaggingSummary::Split* split) const {
    ++split->sentences;
    split->tokens += std::ssize(tags);
    split->unknown += std::ranges::count(words.words, encoder_.unknown());
    if (!spans_) {
      for (const std::int32_t tag : tags) ++split->spans[static_cast<std::size_t>(tag)];
      return;
    }
    for (auto span = spans_->Next(tags, 0); span; span = spans_->Next(tags, span->end))
      ++split->spans[static_cast<std::size_t>(span->type)];
  }

  const TaggingOptions& options_;
  const CorpusInfo& header_;
  const WordEncoder& encoder_;
  const Vocabulary& tags_;
  const std::optional<SpanTags> spans_;
  CorpusWriter& writer_;
  TaggingSummary& summary_;
  std::unordered_map<std::string, std::int32_t> ids_;
  std::vector<std::byte> bytes_;
};

nlohmann::json Provenance(const TaggingOptions& options, const TaggingSummary& summary) {
  nlohmann::json provenance = {{"importer", "tagging"},
                               {"options", TaggingOptionsJson(options)},
                               {"read_as", TagSchemeName(summary.survey.read_as)},
                               {"repaired", summary.survey.repaired},
                               {"unicode", utf8proc_unicode_version()},
                               {"different_words", summary.different_words}};
  for (const TaggedFile& file : options.files) {
    nlohmann::json source = DescribeSource(file.path);
    source["split"] = DataSplitName(file.split);
    provenance["sources"].push_back(source);
  }
  return provenance;
}

}  // namespace

TaggingSummary PrepareTagging(const TaggingOptions& options) {
  CheckTaggingOptions(options);
  RefuseExistingCorpus(options.out);
  TaggingSummary summary;
  summary.survey = SurveyTags(options);
  const Vocabularies vocabularies = options.like
                                        ? VocabulariesOf(*options.like)
                                        : CountWords(options, summary.survey, &summary.known);
  const WordEncoder encoder(options.rules, vocabularies.once, vocabularies.words,
                            vocabularies.characters, options.vocabulary_file);
  summary.words = std::ssize(vocabularies.words.names);
  summary.characters = std::ssize(vocabularies.characters.names);
  summary.different_words = vocabularies.different_words;
  summary.once = vocabularies.once.end - vocabularies.once.begin;
  const CorpusInfo header = HeaderOf(options, vocabularies, encoder);
  CorpusWriter writer(options.out, header, {"train", "valid", "test"}, options.shard_bytes);
  SentenceWriter sentence_writer(options, header, encoder, &writer, &summary);
  SurveyedSentences sentences(options, summary.survey);
  WorkProgress progress("prepare");
  for (TaggedSentence sentence; sentences.Next(&sentence);) {
    progress.Tell(sentences.share_read(), [&] { return std::string("sentences written"); });
    if (sentences.split() == DataSplit::kTrain) summary.known.AddTraining(HashOfSentence(sentence));
    sentence_writer.Add(sentence, sentences.split(), sentences.file());
  }
  summary.info = writer.Finish(ProvenanceText(Provenance(options, summary)));
  return summary;
}

}  // namespace lockstep
