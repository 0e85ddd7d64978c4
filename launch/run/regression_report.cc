#include "launch/run/regression_report.h"

#include <cmath>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>

#include "launch/output/cell_text.h"
#include "launch/run/chunk_bytes.h"
#include "launch/run/chunk_scorers.h"
#include "launch/run/split_work.h"

namespace lockstep {
namespace {

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

}  // namespace

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
    text += fmt::format("\n{:<20} {:>9} {:>9.4f} {:>12.6g} {:>12.6g}", CellText(units_[k].name),
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
  options.plan.cut_steps = 0;
  ChunkScorers scorers(trained, threads);
  SplitWork work(comm, folder, corpus, split, options, threads);
  RegressionReport report(TargetUnitsOf(corpus));
  const std::vector<TargetUnit>& units = report.units();
  const bool per_step = corpus.target().alignment == Alignment::kStep;
  work.Run(
      "evaluate targets",
      [&](int member, const std::vector<SlotBatch>& slots) {
        const auto found = scorers.Score(member, slots, work.bounds());
        std::map<std::uint64_t, const SequenceScores*> by_id;
        for (const SequenceScores& scores : found) by_id[scores.sample_id] = &scores;
        std::vector<RegressionSums> sums(units.size());
        AddSlot(slots[0], by_id, corpus.target_index(), per_step, units, sums);
        std::string bytes;
        PutList(sums, &bytes);
        return bytes;
      },
      [&](Index, const std::string& result) {
        const auto sums = BytesReader(result).TakeList<RegressionSums>();
        for (std::size_t k = 0; k < sums.size(); ++k) report.sums()[k].Add(sums[k]);
      });
  return report;
}

}  // namespace lockstep
