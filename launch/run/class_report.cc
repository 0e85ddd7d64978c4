#include "launch/run/class_report.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "launch/output/cell_text.h"
#include "launch/run/chunk_bytes.h"
#include "launch/run/chunk_scorers.h"
#include "launch/run/split_work.h"

namespace lockstep {
namespace {

// The true classes of each sequence of a slot by sample id: one, or one for each step;
// kIgnoredTarget where it is not known.
std::map<std::uint64_t, std::vector<std::int32_t>> TruthsOf(const SlotBatch& slot,
                                                            std::size_t target, bool per_step) {
  std::map<std::uint64_t, std::vector<std::int32_t>> truths;
  for (std::size_t b = 0; b < slot.sample_ids.size(); ++b) {
    std::vector<std::int32_t>& truth = truths[slot.sample_ids[b]];
    const auto& ids = slot.fields[target].ids;
    const auto sequence = static_cast<Index>(b);
    if (!per_step) truth.push_back(ids[b]);
    for (Index t = 0; per_step && t < slot.layout.steps() && sequence < slot.layout.active(t); ++t)
      truth.push_back(ids[static_cast<std::size_t>(slot.layout.Row(t, sequence))]);
  }
  return truths;
}

// What the model says of the sequences of a slot.
std::string Judge(const SlotBatch& slot, std::size_t target, bool per_step,
                  const std::vector<SequenceScores>& scores) {
  const auto truths = TruthsOf(slot, target, per_step);
  std::string bytes;
  for (const SequenceScores& one : scores) {
    const std::vector<std::int32_t>& truth = truths.at(one.sample_id);
    std::vector<std::int32_t> found;
    for (std::size_t row = 0; row < truth.size(); ++row)
      found.push_back(one.LabelOf(static_cast<Index>(row)));
    PutList(truth, &bytes);
    PutList(found, &bytes);
  }
  return bytes;
}

// Counts the sequences and steps whose class is known.
void Count(const KeptSequence& sequence, ClassReport* report) {
  for (std::size_t row = 0; row < sequence.truth.size(); ++row) {
    if (sequence.truth[row] != kIgnoredTarget)
      report->Add(sequence.truth[row], sequence.found[row]);
  }
}

}  // namespace

ClassReport::ClassReport(std::vector<std::string> classes)
    : classes_(std::move(classes)), counts_(classes_.size() * classes_.size()) {}

ClassTally ClassReport::Tally() const {
  const Index classes = static_cast<Index>(classes_.size());
  ClassTally tally(classes);
  for (Index truth = 0; truth < classes; ++truth) {
    for (Index found = 0; found < classes; ++found) tally.Add(truth, found, Count(truth, found));
  }
  return tally;
}

Index ClassReport::Correct() const {
  Index correct = 0;
  for (Index c = 0; c < std::ssize(classes_); ++c) correct += Count(c, c);
  return correct;
}

nlohmann::ordered_json ClassReport::ToJson() const {
  const ClassTally tally = Tally();
  nlohmann::ordered_json json = {{"macro_f1", tally.MacroF1()},
                                 {"classes", nlohmann::ordered_json::array()}};
  for (Index c = 0; c < static_cast<Index>(classes_.size()); ++c) {
    std::vector<Index> row;
    for (Index other = 0; other < static_cast<Index>(classes_.size()); ++other)
      row.push_back(Count(c, other));
    json["classes"].push_back({{"name", classes_[static_cast<std::size_t>(c)]},
                               {"precision", tally.Precision(c)},
                               {"recall", tally.Recall(c)},
                               {"f1", tally.F1(c)},
                               {"named_as", row}});
  }
  return json;
}

std::string ClassReport::ToText() const {
  constexpr std::size_t kMostShown = 12;
  const ClassTally tally = Tally();
  std::string text =
      fmt::format("macro F1 {:.3f} %\n{:<20} {:>9} {:>9} {:>9} {:>9}", 100 * tally.MacroF1(),
                  "class", "labels", "precision", "recall", "F1");
  const bool shows_matrix = classes_.size() <= kMostShown;
  if (shows_matrix) text += "   named as, in the order of the rows";
  for (Index c = 0; c < static_cast<Index>(classes_.size()); ++c) {
    text += fmt::format("\n{:<20} {:>9} {:>9.4f} {:>9.4f} {:>9.4f}",
                        CellText(classes_[static_cast<std::size_t>(c)]), tally.truths(c),
                        tally.Precision(c), tally.Recall(c), tally.F1(c));
    for (Index other = 0; shows_matrix && other < static_cast<Index>(classes_.size()); ++other) {
      text += fmt::format("{}{:>7}", other == 0 ? "  " : " ", Count(c, other));
    }
  }
  return text + "\n";
}

ClassReport ReportClasses(const Communicator& comm, const std::string& folder,
                          const CorpusInfo& corpus, const std::string& split,
                          const TrainedModel& trained, int threads, FewSequences* few) {
  FewSequences all;
  if (few == nullptr) few = &all;
  ChunkScorers scorers(trained, threads);
  SplitWork work(comm, folder, corpus, split, SmallBatches(trained.stream), threads);
  work.StopAfter(few->most);
  const bool per_step = corpus.target().alignment == Alignment::kStep;
  ClassReport report(corpus.classes());
  work.Run(
      "evaluate classes",
      [&](int member, const std::vector<SlotBatch>& slots) {
        return Judge(slots[0], corpus.target_index(), per_step,
                     scorers.Score(member, slots, work.bounds()));
      },
      [&](Index, const std::string& result) {
        for (BytesReader in(result); !in.AtEnd(); ++few->predicted) {
          KeptSequence sequence;
          sequence.truth = in.TakeList<std::int32_t>();
          sequence.found = in.TakeList<std::int32_t>();
          Count(sequence, &report);
          if (std::ssize(few->kept) < few->keep) few->kept.push_back(std::move(sequence));
        }
      });
  return report;
}

}  // namespace lockstep
