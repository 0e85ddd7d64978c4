#include "launch/run/regression_report.h"

#include <cmath>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>

#include "base/json_node.h"
#include "data/stream/batch_stream.h"
#include "worker/decode/sequence_scorer.h"

namespace lockstep {
namespace {

constexpr Index kSums = sizeof(RegressionSums) / sizeof(double);

double Ratio(double part, double whole) {
  return whole == 0 ? std::numeric_limits<double>::quiet_NaN() : part / whole;
}

// Adds the sequences of a slot to its sums [targets]. `scores` are those of the whole batch.
void AddSlot(const SlotBatch& slot, const std::map<std::uint64_t, const SequenceScores*>& scores,
             std::size_t target, bool per_step, const std::vector<TargetUnit>& units,
             std::span<RegressionSums> sums) {
  const Index width = static_cast<Index>(units.size());
  for (Index b = 0; b < static_cast<Index>(slot.sample_ids.size()); ++b) {
    const SequenceScores& found = *scores.at(slot.sample_ids[static_cast<std::size_t>(b)]);
    for (Index row = 0; row < found.rows; ++row) {
      const Index at = per_step ? slot.layout.Row(row, b) : b;
      for (Index k = 0; k < width; ++k) {
        const double truth = slot.fields[target].values[at * width + k];
        if (std::isnan(truth)) continue;  // it is missing
        const TargetUnit& unit = units[static_cast<std::size_t>(k)];
        const double predicted = found.values[static_cast<std::size_t>(row * width + k)];
        sums[static_cast<std::size_t>(k)].Add(truth * unit.scale + unit.offset - unit.mean,
                                              (predicted - truth) * unit.scale);
      }
    }
  }
}

// The sums of all slots of a batch [slots, targets], from the ranks that have computed them.
std::vector<RegressionSums> GatherSlots(const Communicator& comm, Index slots,
                                        const std::vector<RegressionSums>& mine, Index targets) {
  Segments segments;
  for (int rank = 0; rank < comm.size(); ++rank) {
    segments.offsets.push_back(DealSlots(slots, rank, comm.size()).first * targets * kSums);
  }
  segments.offsets.push_back(slots * targets * kSums);
  std::vector<RegressionSums> all(static_cast<std::size_t>(slots * targets));
  comm.AllGather({&mine.data()->count, mine.size() * kSums}, segments, &all.data()->count);
  return all;
}

}  // namespace

std::vector<TargetUnit> TargetUnitsOf(const CorpusInfo& corpus) {
  std::vector<TargetUnit> units;
  const nlohmann::json task = nlohmann::json::parse(corpus.task, nullptr, false);
  const JsonNode node(task, kCorpusIndexName, "task");
  if (node.Has("targets")) {
    for (const JsonNode& target : node.At("targets").Items()) {
      units.push_back({target.At("name").Text(), target.At("offset").Real(),
                       target.At("scale").Real(), target.At("mean").Real()});
    }
  }
  const std::size_t width = static_cast<std::size_t>(corpus.target().width);
  if (units.size() == width) return units;
  units.clear();
  for (std::size_t k = 0; k < width; ++k) units.push_back({fmt::format("target[{}]", k)});
  return units;
}

void RegressionSums::Add(double truth_less_mean, double error) {
  count += 1;
  truths += truth_less_mean;
  squared_truths += truth_less_mean * truth_less_mean;
  squared_errors += error * error;
  absolute_errors += std::abs(error);
}

void RegressionSums::Add(const RegressionSums& other) {
  count += other.count;
  truths += other.truths;
  squared_truths += other.squared_truths;
  squared_errors += other.squared_errors;
  absolute_errors += other.absolute_errors;
}

double RegressionSums::R2() const {
  const double spread = squared_truths - truths * Ratio(truths, count);
  return spread > 0 ? 1 - squared_errors / spread : std::numeric_limits<double>::quiet_NaN();
}

double RegressionSums::Rmse() const { return std::sqrt(Ratio(squared_errors, count)); }

double RegressionSums::Mae() const { return Ratio(absolute_errors, count); }

nlohmann::ordered_json RegressionReport::ToJson() const {
  nlohmann::ordered_json json = {{"targets", nlohmann::ordered_json::array()}};
  for (std::size_t k = 0; k < units_.size(); ++k) {
    json["targets"].push_back({{"name", units_[k].name},
                               {"count", static_cast<Index>(sums_[k].count)},
                               {"r2", sums_[k].R2()},
                               {"rmse", sums_[k].Rmse()},
                               {"mae", sums_[k].Mae()}});
  }
  return json;
}

std::string RegressionReport::ToText() const {
  std::string text =
      fmt::format("{:<20} {:>9} {:>9} {:>12} {:>12}", "target", "values", "R2", "RMSE", "MAE");
  for (std::size_t k = 0; k < units_.size(); ++k) {
    text += fmt::format("\n{:<20} {:>9} {:>9.4f} {:>12.6g} {:>12.6g}", units_[k].name,
                        static_cast<Index>(sums_[k].count), sums_[k].R2(), sums_[k].Rmse(),
                        sums_[k].Mae());
  }
  return text + "\n";
}

RegressionReport ReportRegression(const Communicator& comm, const std::string& folder,
                                  const CorpusInfo& corpus, const std::string& split,
                                  const TrainedModel& trained, int threads) {
  StreamOptions options = EvaluationStream(trained.stream);
  options.part_steps = 0;  // a sequence is scored as a whole
  const Index slots = options.plan.slots;
  SequenceScorer scorer(*trained.model, trained.values.data(),
                        BoundsOf(corpus, corpus.Split(split), options), threads);
  BatchStream stream(folder, corpus, split, options, DealSlots(slots, comm.rank(), comm.size()),
                     Cursor{});
  RegressionReport report(TargetUnitsOf(corpus));
  const std::size_t targets = report.units().size();
  const bool per_step = corpus.target().alignment == Alignment::kStep;
  std::unique_ptr<RankBatch> batch;
  while ((batch = stream.Next(std::move(batch))) != nullptr) {
    const std::vector<SequenceScores> found = scorer.Score(batch->slots);
    std::map<std::uint64_t, const SequenceScores*> by_id;
    for (const SequenceScores& scores : found) by_id[scores.sample_id] = &scores;
    std::vector<RegressionSums> mine(batch->slots.size() * targets);
    for (std::size_t s = 0; s < batch->slots.size(); ++s) {
      AddSlot(batch->slots[s], by_id, corpus.target_index(), per_step, report.units(),
              std::span(mine).subspan(s * targets, targets));
    }
    const auto all = GatherSlots(comm, slots, mine, static_cast<Index>(targets));
    for (std::size_t i = 0; i < all.size(); ++i) report.sums()[i % targets].Add(all[i]);
  }
  return report;
}

}  // namespace lockstep
