// A small checkpoint with one array of each kind, for tests.
#pragma once

#include <string>
#include <vector>

#include "checkpoint/checkpoint_file.h"

namespace lockstep {

struct SampleCheckpoint {
  std::vector<float> weight = {1.5f, -2.0f, 0.0f, 4.25f, 5.0f, -0.0f};
  std::vector<double> moment = {1e-300, 3.0};
  std::vector<std::int64_t> cursor = {-7};
  std::string state = R"({"step": 1200, "name": "Grünkohl"})";

  std::vector<ArrayView> Views() const {
    return {{"rnn.weight_ih_l0", ElementType::kFloat32, {2, 3}, weight.data()},
            {"optimizer/first_moment", ElementType::kFloat64, {2}, moment.data()},
            {"optimizer/empty", ElementType::kFloat64, {0, 5}, nullptr},
            {"cursor", ElementType::kInt64, {}, cursor.data()}};
  }
  CheckpointImage Build() const { return BuildCheckpoint(state, Views()); }
  void Write(const std::string& path) const { WriteCheckpoint(path, Build()); }
};

}  // namespace lockstep
