#include "launch/tasks/text/tag_report.h"

#include <map>
#include <nlohmann/json.hpp>

#include "launch/output/cell_text.h"
#include "launch/run/chunk_bytes.h"
#include "launch/run/chunk_scorers.h"
#include "launch/run/split_work.h"

namespace lockstep {
namespace {

double Share(Index part, Index whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

std::string Row(const std::string& name, const SpanCounts& counts) {
  return fmt::format("{:<20} {:>7} {:>7} {:>7} {:>10.4f} {:>10.4f} {:>10.4f}\n", name, counts.known,
                     counts.found, counts.right, counts.Precision(), counts.Recall(), counts.F1());
}

nlohmann::ordered_json JsonOf(const SpanCounts& counts) {
  return {{"precision", counts.Precision()}, {"recall", counts.Recall()}, {"f1", counts.F1()},
          {"known", counts.known},           {"found", counts.found},     {"right", counts.right}};
}

// The known tags of each sequence of a slot by sample id.
std::map<std::uint64_t, std::vector<std::int32_t>> KnownTags(const SlotBatch& slot,
                                                             std::size_t target) {
  std::map<std::uint64_t, std::vector<std::int32_t>> known;
  for (Index b = 0; b < slot.layout.sequences(); ++b) {
    std::vector<std::int32_t>& tags = known[slot.sample_ids[static_cast<std::size_t>(b)]];
    for (Index t = 0; t < slot.layout.Length(b); ++t)
      tags.push_back(slot.fields[target].ids[static_cast<std::size_t>(slot.layout.Row(t, b))]);
  }
  return known;
}

// The counts of a slot, by type.
std::string Judge(const SlotBatch& slot, std::size_t target, const SpanTags& tags,
                  const std::vector<SequenceScores>& scores) {
  TagReport report(tags);
  const auto known = KnownTags(slot, target);
  for (const SequenceScores& one : scores) {
    std::vector<std::int32_t> found;
    for (Index row = 0; row < one.rows; ++row) found.push_back(one.LabelOf(row));
    report.Add(tags, known.at(one.sample_id), found);
  }
  std::string bytes;
  for (const SpanCounts& counts : report.counts()) Put(counts, &bytes);
  return bytes;
}

class TagScoring : public Scoring {
 public:
  explicit TagScoring(const SpanTags& tags) : tags_(tags), report_(tags) {}

  void Score(const Communicator& comm, const SplitTest& test) override {
    ChunkScorers scorers(*test.trained, test.threads);
    SplitWork work(comm, test.folder, *test.corpus, test.split, SmallBatches(test.trained->stream),
                   test.threads);
    work.Run(
        "evaluate tags",
        [&](int member, const std::vector<SlotBatch>& slots) {
          return Judge(slots[0], test.corpus->target_index(), tags_,
                       scorers.Score(member, slots, work.bounds()));
        },
        [&](Index, const std::string& result) {
          BytesReader in(result);
          for (SpanCounts& counts : report_.counts()) {
            const auto more = in.Take<SpanCounts>();
            counts.known += more.known;
            counts.found += more.found;
            counts.right += more.right;
          }
        });
  }

  nlohmann::ordered_json Fields(const Evaluation& found) const override {
    nlohmann::ordered_json json = report_.ToJson();
    json.update({{"accuracy", found.Share(0)},
                 {"loss", found.loss},
                 {"labels", found.sums.targets},
                 {"correct", found.sums.counts[0]},
                 {"sequences", found.sequences}});
    return json;
  }

  std::string Text(const Evaluation& found) const override {
    return fmt::format(
        "entity F1 {:.2f} %, tag accuracy {:.2f} % ({} of {} tokens), loss {:.4f} nats\n{}",
        100 * report_.All().F1(), 100 * found.Share(0), found.sums.counts[0], found.sums.targets,
        found.loss, report_.ToText());
  }

 private:
  SpanTags tags_;
  TagReport report_;
};

}  // namespace

double SpanCounts::Precision() const { return Share(right, found); }
double SpanCounts::Recall() const { return Share(right, known); }
double SpanCounts::F1() const { return Share(2 * right, known + found); }

void TagReport::Add(const SpanTags& tags, std::span<const std::int32_t> known,
                    std::span<const std::int32_t> found) {
  tags.Compare(known, found, [&](const TagSpan& span, bool is_known, bool is_found) {
    SpanCounts& counts = counts_[static_cast<std::size_t>(span.type)];
    counts.known += is_known ? 1 : 0;
    counts.found += is_found ? 1 : 0;
    counts.right += is_known && is_found ? 1 : 0;
  });
}

SpanCounts TagReport::All() const {
  SpanCounts all;
  for (const SpanCounts& counts : counts_) {
    all.known += counts.known;
    all.found += counts.found;
    all.right += counts.right;
  }
  return all;
}

nlohmann::ordered_json TagReport::ToJson() const {
  nlohmann::ordered_json json = JsonOf(All());
  json["types"] = nlohmann::ordered_json::array();
  for (std::size_t t = 0; t < types_.size(); ++t) {
    nlohmann::ordered_json type = {{"name", types_[t]}};
    type.update(JsonOf(counts_[t]));
    json["types"].push_back(type);
  }
  return json;
}

std::string TagReport::ToText() const {
  std::string text = fmt::format("{:<20} {:>7} {:>7} {:>7} {:>10} {:>10} {:>10}\n", "type", "known",
                                 "found", "right", "precision", "recall", "F1");
  for (std::size_t t = 0; t < types_.size(); ++t)
    text += Row(types_[t].empty() ? "(no name)" : CellText(types_[t]), counts_[t]);
  return text + Row("all", All());
}

std::unique_ptr<Scoring> MakeTagScoring(const SpanTags& tags) {
  return std::make_unique<TagScoring>(tags);
}

}  // namespace lockstep
