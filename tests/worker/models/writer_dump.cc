// Runs an encoder-decoder model forward and backward on random sources and targets and writes
// everything to an HDF5 file, for comparison with PyTorch (torch_writer_test.py).
//
//   writer_dump FILE ATTENTION FED TIED CELL LAYERS SEED SOURCE:TARGET...
//
// FED and TIED are 0 or 1; the lengths SOURCE descend. Datasets: sources and targets [sequences,
// steps], -1 where a sequence has ended; loss [1]; values/NAME and gradient/NAME for each
// parameter.
#include "tests/support/dump.h"
#include "tests/worker/models/written_target.h"
#include "worker/kernels/isa.h"

namespace lockstep {
namespace {

constexpr int kFirstLength = 8;

WriterOptions OptionsFrom(char** argv) {
  WriterOptions options;
  options.decoder.attention = AttentionFromName(argv[2]);
  options.decoder.input_feeding = argv[3][0] == '1';
  options.head.tie_embeddings = argv[4][0] == '1';
  options.encoder.cell = CellFromName(argv[5]);
  options.encoder.layers = std::stol(argv[6]);
  options.encoder.hidden_size = 24;
  options.encoder.embedding_size = 20;
  options.encoder.embedding_scale = 0.5;
  options.symbols = 60;
  options.words = options.head.tie_embeddings ? 0 : 50;
  return options;
}

LengthPair PairFrom(const std::string& text) {
  const std::size_t colon = text.find(':');
  return {std::stol(text.substr(0, colon)), std::stol(text.substr(colon + 1))};
}

// The ids of sequence after sequence, as PyTorch has them. `sequence_of` is empty where sequences
// stand in the order of the slot.
std::vector<std::int32_t> Unpacked(const PackedLayout& layout, const std::vector<std::int32_t>& ids,
                                   const std::vector<Index>& sequence_of) {
  std::vector<std::int32_t> all(static_cast<std::size_t>(layout.sequences() * layout.steps()), -1);
  for (Index t = 0; t < layout.steps(); ++t) {
    for (Index k = 0; k < layout.active(t); ++k) {
      const Index b = sequence_of.empty() ? k : sequence_of[static_cast<std::size_t>(k)];
      all[static_cast<std::size_t>(b * layout.steps() + t)] =
          ids[static_cast<std::size_t>(layout.Row(t, k))];
    }
  }
  return all;
}

void Write(const WriterHarness<float>& harness, double loss, const char* path) {
  Hdf5File file = Hdf5File::Create(path);
  const SlotBatch& slot = harness.slot;
  const FieldBatch& target = slot.fields[1];
  file.Write<std::int32_t>("sources", {slot.layout.sequences(), slot.layout.steps()},
                           Unpacked(slot.layout, slot.fields[0].ids, {}));
  file.Write<std::int32_t>("targets", {target.layout.sequences(), target.layout.steps()},
                           Unpacked(target.layout, target.ids, target.sequence_of));
  file.Write<double>("loss", {1}, std::vector<double>{loss});
  WriteParameters(harness.model.layout(), harness.values.span(), harness.gradient.span(), &file);
  file.Close();
}

int Main(int argc, char** argv) {
  if (argc <= kFirstLength) throw UsageError("see the head of tests/worker/models/writer_dump.cc");
  SelectIsa(DetectIsa());
  std::vector<LengthPair> lengths;
  for (int i = kFirstLength; i < argc; ++i) lengths.push_back(PairFrom(argv[i]));
  WriterHarness<float> harness(OptionsFrom(argv), lengths, std::stoul(argv[7]));
  const double loss = harness.Run().loss;
  Write(harness, loss, argv[1]);
  return 0;
}

}  // namespace
}  // namespace lockstep

int main(int argc, char** argv) {
  return lockstep::RunDump("writer_dump", argc, argv, lockstep::Main);
}
