#include "launch/tasks/text/tag_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "data/batch/span_tags.h"
#include "data/tagging/word_encoder.h"
#include "launch/output/svg_text.h"
#include "launch/run/chunk_bytes.h"
#include "launch/run/chunk_scorers.h"
#include "launch/run/label_parts.h"
#include "launch/run/split_work.h"

namespace lockstep {
namespace {

constexpr Index kSentences = 16;

struct TaggedWords {
  std::vector<std::int32_t> words, known, found;
};

std::vector<std::int32_t> IdsOf(const SlotBatch& slot, std::size_t field, Index sequence) {
  std::vector<std::int32_t> ids;
  for (Index t = 0; t < slot.layout.Length(sequence); ++t)
    ids.push_back(slot.fields[field].ids[static_cast<std::size_t>(slot.layout.Row(t, sequence))]);
  return ids;
}

std::string TagSlot(const SlotBatch& slot, std::size_t target,
                    const std::vector<SequenceScores>& scores) {
  std::string bytes;
  for (const SequenceScores& one : scores) {
    const auto place = std::ranges::find(slot.sample_ids, one.sample_id);
    const Index sequence = place - slot.sample_ids.begin();
    std::vector<std::int32_t> found;
    for (Index row = 0; row < one.rows; ++row) found.push_back(one.LabelOf(row));
    PutList(IdsOf(slot, 0, sequence), &bytes);
    PutList(IdsOf(slot, target, sequence), &bytes);
    PutList(found, &bytes);
  }
  return bytes;
}

// Collective. The first sentences of the split.
std::vector<TaggedWords> TagSentences(const Communicator& comm, const SplitTest& test) {
  std::vector<TaggedWords> sentences;
  ChunkScorers scorers(*test.trained, test.threads);
  SplitWork work(comm, test.folder, *test.corpus, test.split, SmallBatches(test.trained->stream),
                 test.threads);
  work.StopAfter(kSentences);
  work.Run(
      "report tags",
      [&](int member, const std::vector<SlotBatch>& slots) {
        return TagSlot(slots[0], test.corpus->target_index(),
                       scorers.Score(member, slots, work.bounds()));
      },
      [&](Index, const std::string& result) {
        for (BytesReader in(result); !in.AtEnd();) {
          TaggedWords& one = sentences.emplace_back();
          one.words = in.TakeList<std::int32_t>();
          one.known = in.TakeList<std::int32_t>();
          one.found = in.TakeList<std::int32_t>();
        }
      });
  return sentences;
}

// Turns sentences into HTML in which each entity has the colour and the name of its type.
class Writer {
 public:
  Writer(const SpanTags& tags, const CorpusInfo& corpus) : tags_(tags), words_(corpus.symbols()) {}

  std::string Sentence(const TaggedWords& sentence) const {
    std::string html = "<p>" + Marked(sentence.words, sentence.found) + "</p>\n";
    bool is_right = true;
    tags_.Compare(sentence.known, sentence.found, [&](const TagSpan&, bool known, bool found) {
      is_right = is_right && known == found;
    });
    if (is_right) return html;
    return html + "<p class=\"right\">right is: " + Marked(sentence.words, sentence.known) +
           "</p>\n";
  }

 private:
  std::string Words(std::span<const std::int32_t> ids) const {
    std::string text;
    for (const std::int32_t id : ids) {
      const auto place = static_cast<std::size_t>(id);
      text += (text.empty() ? "" : " ") + XmlText(place < words_.size() ? words_[place] : "?");
    }
    return text;
  }

  std::string Marked(const std::vector<std::int32_t>& words,
                     const std::vector<std::int32_t>& tags) const {
    const std::span<const std::int32_t> all(words);
    std::string html;
    Index at = 0;
    const auto plain = [&](Index end) {
      html += Words(all.subspan(static_cast<std::size_t>(at), static_cast<std::size_t>(end - at)));
      at = end;
    };
    for (auto span = tags_.Next(tags, 0); span; span = tags_.Next(tags, span->end)) {
      plain(span->begin);
      const auto type = static_cast<std::size_t>(span->type);
      html += fmt::format(" <mark style=\"border-color:{}\">",
                          kSafeColours[type % kSafeColours.size()]);
      plain(span->end);
      html += fmt::format("<small>{}</small></mark> ", XmlText(tags_.types()[type]));
    }
    plain(std::ssize(words));
    return html;
  }

  const SpanTags& tags_;
  const std::vector<std::string>& words_;
};

}  // namespace

ReportParts MakeTextParts(const Communicator& comm, const SplitTest& test) {
  ReportParts parts = MakeLabelParts(comm, test);
  if (test.folder.empty() || !IsTaggingSchema(test.corpus->schema)) return parts;
  const auto tags = SpanTags::Of(test.corpus->schema.VocabularyOf(test.corpus->target()));
  if (!tags) return parts;
  const Writer writer(*tags, *test.corpus);
  std::string html = fmt::format(
      "<p>The first sentences of split {}, as the model reads their words, with the entities that "
      "it finds.</p>\n<div class=\"entities\">\n",
      XmlText(test.split));
  for (const TaggedWords& sentence : TagSentences(comm, test)) html += writer.Sentence(sentence);
  parts.insert(parts.begin(), {"Entities", html + "</div>\n"});
  return parts;
}

}  // namespace lockstep
