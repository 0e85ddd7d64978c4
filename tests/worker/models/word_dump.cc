// Runs a language model of two LSTM layers forward and backward on random words and writes
// everything to an HDF5 file, for comparison with PyTorch (torch_words_test.py).
//
//   word_dump FILE WORDS UNITS TIED SEED LENGTH...
//
// TIED is 0 or 1. Lengths descend. Datasets: words and targets [rows, 1], packed and time-major;
// loss [1]; values/NAME and gradient/NAME for each parameter.
#include "base/counter_rng.h"
#include "tests/support/dump.h"
#include "tests/support/small_model.h"
#include "worker/kernels/isa.h"

namespace lockstep {
namespace {

constexpr int kFirstLength = 6;

SmallModelOptions WordModel(Index words, Index units, bool tied) {
  SmallModelOptions options;
  options.symbols = options.classes = words;
  options.cell = CellKind::kLstm;
  options.layers = 2;
  options.hidden_size = options.embedding_size = units;
  options.embedding_scale = 0.3;
  options.bidirectional = false;
  options.head.tie_embeddings = tied;
  return options;
}

SlotBatch Words(const std::vector<Index>& lengths, Index words, std::uint64_t seed) {
  const CounterRng rng(seed, RandomPurpose::kTest);
  SlotBatch slot;
  slot.layout = PackedLayout(lengths);
  slot.fields.resize(2);
  std::uint64_t drawn = 0;
  for (Index row = 0; row < slot.layout.rows(); ++row) {
    for (FieldBatch& field : slot.fields) {
      const auto word = rng.Below(drawn++, static_cast<std::uint64_t>(words));
      field.ids.push_back(static_cast<std::int32_t>(word));
    }
  }
  return slot;
}

int Main(int argc, char** argv) {
  if (argc <= kFirstLength) throw UsageError("see the head of tests/worker/models/word_dump.cc");
  SelectIsa(DetectIsa());
  const Index words = std::stol(argv[2]);
  const std::uint64_t seed = std::stoul(argv[5]);
  const SmallEncoderModel<float> model(WordModel(words, std::stol(argv[3]), argv[4][0] == '1'));
  const SlotBatch slot = Words(NumbersFrom(kFirstLength, argc, argv), words, seed);
  const Index rows = slot.layout.rows();
  Workspace workspace(
      model.WorkspaceBytes(TwoFieldBounds(slot.layout.sequences(), slot.layout.steps(), rows)));
  AlignedBuffer<float> values(model.layout().size()), gradient(model.layout().size());
  InitialiseParameters<float>(model.layout(), seed, values.span());
  const double loss =
      model.ForwardBackward(slot, {seed, 0, 0}, values.data(), gradient.data(), &workspace).loss;
  Hdf5File file = Hdf5File::Create(argv[1]);
  file.Write<std::int32_t>("words", {rows, 1}, slot.fields[0].ids);
  file.Write<std::int32_t>("targets", {rows, 1}, slot.fields[1].ids);
  file.Write<double>("loss", {1}, std::vector<double>{loss});
  WriteParameters(model.layout(), values.span(), gradient.span(), &file);
  file.Close();
  return 0;
}

}  // namespace
}  // namespace lockstep

int main(int argc, char** argv) {
  return lockstep::RunDump("word_dump", argc, argv, lockstep::Main);
}
