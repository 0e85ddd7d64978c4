#include "launch/tasks/protein/protein_scoring.h"

#include <nlohmann/json.hpp>

namespace lockstep {
namespace {

class ProteinScoring : public Scoring {
 public:
  explicit ProteinScoring(std::size_t states) : states_(states), labels_(MakeLabelScoring()) {}

  void Score(const Communicator& comm, const SplitTest& test) override {
    labels_->Score(comm, test);
  }
  // "q3": residues right by all counted ones of the split, so long proteins weigh more.
  nlohmann::ordered_json Fields(const Evaluation& found) const override {
    const nlohmann::ordered_json fields = labels_->Fields(found);
    nlohmann::ordered_json json = {{fmt::format("q{}", states_), fields.at("accuracy")}};
    json.update(fields);
    return json;
  }
  std::string Text(const Evaluation& found) const override {
    const double accuracy = labels_->Fields(found).at("accuracy");
    return fmt::format("Q{} {:.3f} %, {}", states_, 100 * accuracy, labels_->Text(found));
  }

 private:
  std::size_t states_;
  std::unique_ptr<Scoring> labels_;
};

}  // namespace

std::unique_ptr<Scoring> MakeProteinScoring(const Options& /*options*/, const CorpusInfo& corpus) {
  return std::make_unique<ProteinScoring>(corpus.classes().size());
}

}  // namespace lockstep
