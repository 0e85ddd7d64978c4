#include "bench/word_problem.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/counter_rng.h"
#include "base/error.h"
#include "bench/problem_file.h"

namespace lockstep {
namespace {

std::int32_t DrawWord(const CounterRng& rng, std::uint64_t at, Index words) {
  const double u = rng.Uniform(at);
  return static_cast<std::int32_t>(std::min<double>(std::pow(static_cast<double>(words), u) - 1,
                                                    static_cast<double>(words - 1)));
}

}  // namespace

SmallModelOptions WordModel(Index words, double dropout) {
  SmallModelOptions options;
  options.symbols = words;
  options.classes = words;
  options.cell = CellKind::kLstm;
  options.layers = 2;
  options.hidden_size = kWordUnits;
  options.bidirectional = false;
  options.embedding_size = kWordUnits;
  options.embedding_scale = 0.1;
  options.dropout = options.input_dropout = options.output_dropout = dropout;
  return options;
}

WordText::WordText(Index words, Index parts, Index slots, const Communicator& comm) {
  const CounterRng rng(1, RandomPurpose::kTest);
  for (Index i = 0; i < parts * kWordSteps * kWordStreams; ++i) {
    inputs_.push_back(DrawWord(rng, static_cast<std::uint64_t>(i), words));
  }
  // The word of the next step, in the same stream; after the last part, the first step.
  targets_.assign(inputs_.begin() + kWordStreams, inputs_.end());
  targets_.insert(targets_.end(), inputs_.begin(), inputs_.begin() + kWordStreams);
  for (Index part = 0; part < parts; ++part) parts_.push_back(Part(part, slots, comm));
}

RankBatch WordText::Part(Index part, Index slots, const Communicator& comm) const {
  RankBatch batch;
  batch.cursor.part = part;
  batch.sequences = kWordStreams;
  batch.steps = kWordStreams * kWordSteps;
  batch.slot_range = DealSlots(slots, comm.rank(), comm.size());
  for (Index slot = batch.slot_range.first; slot < batch.slot_range.last; ++slot) {
    const SlotRange streams = DealSlots(kWordStreams, slot, slots);
    SlotBatch one;
    one.fields.resize(2);
    one.layout =
        PackedLayout(std::vector<Index>(static_cast<std::size_t>(streams.size()), kWordSteps));
    for (Index t = 0; t < kWordSteps; ++t) {
      for (Index b = streams.first; b < streams.last; ++b) {
        const auto at = static_cast<std::size_t>((part * kWordSteps + t) * kWordStreams + b);
        one.fields[0].ids.push_back(inputs_[at]);
        one.fields[1].ids.push_back(targets_[at]);
      }
    }
    batch.slots.push_back(std::move(one));
  }
  return batch;
}

const RankBatch& WordText::Next() {
  const std::size_t part = next_;
  next_ = (next_ + 1) % parts_.size();
  return parts_[part];
}

void SaveWordProblem(const std::string& path, Index words, const TrainingTurns& training,
                     const WordText& text) {
  const auto& infos = training.layout().infos();
  nlohmann::json head = {{"words", words},
                         {"parts", std::ssize(text.inputs()) / (kWordSteps * kWordStreams)}};
  for (const ParameterInfo& info : infos) head["parameters"].push_back({info.name, info.shape});
  std::ofstream out(path, std::ios::binary);
  out << head.dump() << "\n";
  for (const ParameterInfo& info : infos) {
    WriteArray(training.values().subspan(static_cast<std::size_t>(info.offset),
                                         static_cast<std::size_t>(info.count())),
               out);
  }
  WriteArray<std::int32_t>(text.inputs(), out);
  WriteArray<std::int32_t>(text.targets(), out);
  out.flush();
  if (!out) throw IoError(fmt::format("cannot write {}", path));
}

}  // namespace lockstep
