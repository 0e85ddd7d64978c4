#include "launch/tasks/text/predict_tags.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <ostream>

#include "base/json_text.h"
#include "base/log.h"
#include "base/work_progress.h"
#include "data/batch/span_tags.h"
#include "data/tagging/tagged_sentences.h"
#include "data/tagging/word_encoder.h"
#include "data/text/tokenizer.h"
#include "launch/output/cell_text.h"
#include "launch/output/text_output.h"
#include "launch/run/chunk_bytes.h"
#include "launch/run/chunk_scorers.h"
#include "launch/run/ensemble.h"
#include "launch/run/ordered_work.h"
#include "launch/run/scoring_slots.h"
#include "worker/comm/together.h"

namespace lockstep {
namespace {

using Sentence = std::vector<std::string>;

// Sentences of a chunk: enough of similar length for a slot.
constexpr Index kSentencesOfChunk = 2 * kSequencesOfASlot, kTokensOfChunk = 1 << 14;

// The words of one sentence after another.
class SentenceSource {
 public:
  virtual ~SentenceSource() = default;
  virtual bool Next(Sentence* sentence) = 0;  // false at the end; BadData for what is no sentence
  virtual double share_read() const = 0;
  virtual bool MayWait() const { return false; }  // Next would wait for a pipe
};

// One sentence per line, its words between white space.
class LineSource : public SentenceSource {
 public:
  explicit LineSource(const std::string& path) : lines_(TextInput{path}), tokenizer_({}) {}
  bool Next(Sentence* sentence) override {
    std::string_view line;
    if (!lines_.Next(&line)) return false;
    *sentence = tokenizer_.Split(line);
    if (!sentence->empty()) return true;
    throw BadData("{}:{}: the line has no word, so there is nothing to tag; leave it out",
                  lines_.path(), lines_.line_number());
  }
  double share_read() const override { return lines_.share_read(); }
  bool MayWait() const override { return lines_.MayWait(); }

 private:
  LineReader lines_;
  Tokenizer tokenizer_;
};

class FileSource : public SentenceSource {
 public:
  FileSource(const std::string& path, const std::string& format)
      : sentences_(OpenTaggedSentences(path, {.format = format, .has_tags = false})) {}
  bool Next(Sentence* sentence) override {
    TaggedSentence next;
    if (!sentences_->Next(&next)) return false;
    if (!next.problems.empty()) throw BadData("{}", next.problems.front());
    *sentence = std::move(next.tokens);
    return true;
  }
  double share_read() const override { return sentences_->share_read(); }

 private:
  std::unique_ptr<TaggedSentences> sentences_;
};

std::unique_ptr<SentenceSource> OpenSource(const std::string& path, const std::string& form) {
  if (form == "lines") return std::make_unique<LineSource>(path);
  if (TextInput{path}.is_standard_input())
    throw UsageError("predict: standard input is read with --input-form lines only; give a file");
  return std::make_unique<FileSource>(path, form);
}

// A slot of these sentences, the longest first; the sample id is the place in `sentences`.
SlotBatch Pack(const std::vector<EncodedWords>& sentences, std::span<const std::size_t> places) {
  std::vector<Index> lengths;
  for (const std::size_t place : places) lengths.push_back(std::ssize(sentences[place].words));
  SlotBatch slot;
  slot.layout = PackedLayout(lengths);
  slot.fields.resize(4);
  slot.fields[1].offsets = {0};
  std::vector<Index> read(places.size(), 0);  // characters of each sentence
  for (const std::size_t place : places) slot.sample_ids.push_back(place);
  for (Index t = 0; t < slot.layout.steps(); ++t) {
    for (Index b = 0; b < slot.layout.active(t); ++b) {
      const EncodedWords& words = sentences[places[static_cast<std::size_t>(b)]];
      const auto step = static_cast<std::size_t>(t);
      slot.fields[0].ids.push_back(words.words[step]);
      slot.fields[2].ids.push_back(words.shapes[step]);
      Index& begin = read[static_cast<std::size_t>(b)];
      const auto from = words.characters.begin() + begin;
      begin += words.lengths[step];
      slot.fields[1].ids.insert(slot.fields[1].ids.end(), from, words.characters.begin() + begin);
      slot.fields[1].offsets.push_back(std::ssize(slot.fields[1].ids));
    }
  }
  return slot;
}

SlotBounds BoundsOf(const std::vector<SlotBatch>& slots) {
  SlotBounds bounds = BoundsOfSlots(slots, false);
  Index characters = 0;
  for (const SlotBatch& slot : slots)
    characters = std::max<Index>(characters, std::ssize(slot.fields[1].ids));
  bounds.field_rows = {bounds.rows, characters, bounds.rows, bounds.rows};
  bounds.longest = {bounds.steps, characters, bounds.steps, bounds.steps};
  return bounds;
}

// Turns the words of chunks into the text that is written of them. Any thread may call it.
class Tagger {
 public:
  Tagger(const CorpusInfo& corpus, const std::string& run, bool as_json)
      : encoder_(WordEncoder::FromTask(corpus.task, corpus.schema, run)),
        names_(corpus.classes()),
        spans_(SpanTags::Of(corpus.schema.VocabularyOf(corpus.target()))),
        as_json_(as_json) {}

  std::string Tag(int member, const std::string& input, ChunkScorers* scorers) const {
    std::vector<Sentence> sentences;
    for (BytesReader in(input); !in.AtEnd();) {
      Sentence& sentence = sentences.emplace_back(in.Take<std::size_t>());
      for (std::string& word : sentence) word = in.TakeText();
    }
    std::vector<EncodedWords> encoded;
    std::vector<Index> lengths;
    for (const Sentence& sentence : sentences) {
      encoded.push_back(encoder_.Encode(sentence));
      lengths.push_back(std::ssize(sentence));
    }
    std::vector<SlotBatch> slots;
    for (const auto& places : DealToSlots(lengths)) slots.push_back(Pack(encoded, places));
    std::string text;
    for (const SequenceScores& scores : scorers->Score(member, slots, BoundsOf(slots))) {
      const Sentence& sentence = sentences[scores.sample_id];
      text += as_json_ ? JsonLine(sentence, scores) : ColumnLines(sentence, scores);
    }
    return text;
  }

 private:
  std::string ColumnLines(const Sentence& sentence, const SequenceScores& scores) const {
    std::string text;
    for (std::size_t i = 0; i < sentence.size(); ++i) {
      const BestClass tag = ClassOfRow(scores, static_cast<Index>(i));
      text += fmt::format("{}\t{}\t{:.4f}\n", CellText(sentence[i]), CellText(names_[tag.id]),
                          tag.probability);
    }
    return text + "\n";
  }

  std::string JsonLine(const Sentence& sentence, const SequenceScores& scores) const {
    nlohmann::ordered_json json = {{"tokens", sentence}};
    std::vector<std::string> tags;
    std::vector<std::int32_t> ids;
    std::vector<double> probabilities;
    for (Index row = 0; row < scores.rows; ++row) {
      const BestClass tag = ClassOfRow(scores, row);
      ids.push_back(static_cast<std::int32_t>(tag.id));
      tags.push_back(names_[tag.id]);
      probabilities.push_back(Rounded(tag.probability));
    }
    json["tags"] = tags;
    json["probabilities"] = probabilities;
    if (spans_) json["entities"] = Entities(sentence, ids, probabilities, scores);
    return JsonTextOfAnyBytes(json) + "\n";
  }

  nlohmann::ordered_json Entities(const Sentence& sentence, const std::vector<std::int32_t>& ids,
                                  const std::vector<double>& probabilities,
                                  const SequenceScores& scores) const {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (auto span = spans_->Next(ids, 0); span; span = spans_->Next(ids, span->end)) {
      const auto words = std::span(sentence).subspan(
          static_cast<std::size_t>(span->begin), static_cast<std::size_t>(span->end - span->begin));
      const double least =
          *std::min_element(probabilities.begin() + span->begin, probabilities.begin() + span->end);
      list.push_back({{"type", spans_->types()[static_cast<std::size_t>(span->type)]},
                      {"begin", span->begin},
                      {"end", span->end},
                      {"text", fmt::format("{}", fmt::join(words, " "))},
                      {"least_probability", least}});
      if (scores.span_probabilities.empty()) continue;
      const auto first = static_cast<std::size_t>(span->begin);
      list.back()["probability"] = Rounded(static_cast<double>(scores.span_probabilities[first]));
    }
    return list;
  }

  static double Rounded(double probability) { return std::round(probability * 1e4) / 1e4; }

  WordEncoder encoder_;
  std::vector<std::string> names_;
  std::optional<SpanTags> spans_;
  bool as_json_;
};

std::optional<std::string> NextChunk(SentenceSource* source, Index* sentences) {
  std::string bytes;
  Index count = 0, tokens = 0;
  for (Sentence sentence; count < kSentencesOfChunk && tokens < kTokensOfChunk; ++count) {
    if ((count > 0 && source->MayWait()) || !source->Next(&sentence)) break;
    Put<std::size_t>(sentence.size(), &bytes);
    for (const std::string& word : sentence) PutList(word, &bytes);
    tokens += std::ssize(sentence);
  }
  *sentences += count;
  if (count == 0) return std::nullopt;
  return bytes;
}

std::string FormOf(const Options& options, const char* option,
                   std::initializer_list<const char*> allowed) {
  const std::string form = options.Maybe(option).value_or(*allowed.begin());
  if (std::ranges::find(allowed, form) != allowed.end()) return form;
  throw UsageError("--{} is \"{}\"; allowed are {}", option, form, fmt::join(allowed, ", "));
}

// Files of rank 0.
struct TagFiles {
  TagFiles(const std::string& path, const std::string& form, const std::optional<std::string>& out)
      : source(OpenSource(path, form)), output(out) {}
  std::unique_ptr<SentenceSource> source;
  TextOutput output;
  Index sentences = 0;
};

}  // namespace

std::span<const OptionRow> PredictTagsRows() {
  static constexpr OptionRow kRows[] = {
      Rare({"input-form FORM",
            "form of the text that a tagger reads: lines (default; one sentence per line, its "
            "words between blanks), columns (one word per line in the first column, a blank line "
            "after each sentence) or jsonl ({\"tokens\": [...]})"}),
      Rare({"output-form FORM",
            "what a tagger writes: columns (default; word, tag and its probability, separated by "
            "tabs, a blank line after each sentence) or jsonl (with a list of entities)"}),
  };
  return kRows;
}

ExitCode PredictTags(const Communicator& comm, const Options& options, const CorpusInfo& corpus) {
  const std::string path = options.Text("text");
  std::optional<Tagger> tagger;
  std::optional<TagFiles> files;
  int threads = 1;
  Together(comm, [&] {
    if (options.Has("logits"))
      throw UsageError("predict: --logits does not go with --text; it goes with --corpus");
    threads = static_cast<int>(options.Number("threads", 1, 1));
    const std::string form = FormOf(options, "input-form", {"lines", "columns", "jsonl"});
    const bool as_json = FormOf(options, "output-form", {"columns", "jsonl"}) == "jsonl";
    tagger.emplace(corpus, options.Text("run"), as_json);
    if (comm.rank() == 0) files.emplace(path, form, options.Maybe("out"));
  });
  const auto trained = LoadEnsemble(comm, options, corpus);
  ChunkScorers scorers(*trained, threads);
  WorkProgress progress("predict");
  OrderedJob job;
  job.next = [&] { return NextChunk(files->source.get(), &files->sentences); };
  job.may_wait = [&] { return files->source->MayWait(); };
  job.work = [&](int member, Index, const std::string& input) {
    return tagger->Tag(member, input, &scorers);
  };
  job.use = [&](Index, const std::string& result) {
    files->output.stream() << result << std::flush;
    progress.Tell(files->source->share_read(),
                  [&] { return fmt::format("{} sentences", files->sentences); });
  };
  WorkInOrder(comm, threads, job);
  Together(comm, [&] {
    if (!files) return;
    if (files->sentences == 0)
      LogWarning("{}: the file is empty, so there is nothing to tag; was another one meant?", path);
    files->output.Finish();
  });
  return ExitCode::kDone;
}

}  // namespace lockstep
