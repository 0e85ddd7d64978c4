// How a model of real targets does on a split: R2, root mean square error and mean absolute error
// of each target, in the units of the data that the corpus was made from where the corpus knows
// them.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "launch/run/target_units.h"
#include "launch/run/trained_model.h"
#include "worker/comm/communicator.h"

namespace lockstep {

// Sums over pairs of a true and a predicted value.
struct RegressionSums {
  double count = 0;
  double truths = 0;           // truth - mean
  double squared_truths = 0;   // (truth - mean)^2
  double squared_errors = 0;   // (prediction - truth)^2
  double absolute_errors = 0;  // |prediction - truth|

  void Add(double truth_less_mean, double error);
  void Add(const RegressionSums& other);
  // 1 - squared errors / squared distances of the truths from their own mean; NaN where all truths
  // are one, because nothing is left to explain.
  double R2() const;
  double Rmse() const;
  double Mae() const;
};

class RegressionReport {
 public:
  explicit RegressionReport(std::vector<TargetUnit> units)
      : units_(std::move(units)), sums_(units_.size()) {}

  const std::vector<TargetUnit>& units() const { return units_; }
  std::vector<RegressionSums>& sums() { return sums_; }

  // {"targets": [{"name": ..., "count": ..., "r2": ..., "rmse": ..., "mae": ...}]}; r2 is null
  // where it is not defined.
  nlohmann::ordered_json ToJson() const;
  // A table with a row per target.
  std::string ToText() const;

 private:
  std::vector<TargetUnit> units_;
  std::vector<RegressionSums> sums_;  // as units_
};

// Collective. The report of a split, the same to the bit on every rank and for any number of ranks:
// sums of slots are added in the order of the slots.
RegressionReport ReportRegression(const Communicator& comm, const std::string& folder,
                                  const CorpusInfo& corpus, const std::string& split,
                                  const TrainedModel& trained, int threads);

}  // namespace lockstep
