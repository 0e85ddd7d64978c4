// Runs stacked recurrent layers forward and backward on random numbers and writes everything to an
// HDF5 file, for comparison with torch.nn (torch_parity_test.py).
//
//   layer_dump FILE ISA CELL LAYERS DIRECTIONS INPUT_SIZE HIDDEN_SIZE SEED LENGTH...
//
// Lengths descend. Datasets: x, y, d_x, d_y [rows, width] packed and time-major; values/NAME and
// gradient/NAME for each parameter. Exit code 3: this machine does not have the instruction set.
#include <cstdio>
#include <iterator>
#include <memory>

#include "base/counter_rng.h"
#include "base/hdf5_file.h"
#include "worker/kernels/isa.h"
#include "worker/layers/recurrent_layer.h"

namespace lockstep {
namespace {

constexpr int kFirstLength = 9;
constexpr int kIsaMissing = 3;

AlignedBuffer<float> Draw(std::uint64_t seed, std::uint64_t which, Index count) {
  const CounterRng rng(seed, RandomPurpose::kTest, which);
  AlignedBuffer<float> values(count);
  for (Index i = 0; i < count; ++i) {
    values[i] = static_cast<float>(rng.Normal(static_cast<std::uint64_t>(i)));
  }
  return values;
}

class Stack {
 public:
  Stack(RecurrentShape shape, Index layers, std::uint64_t seed) : seed_(seed) {
    for (Index k = 0; k < layers; ++k) {
      layers_.emplace_back(shape, k, &parameters_);
      shape.input_size = layers_.back().output_size();
    }
    values_ = AlignedBuffer<float>(parameters_.size());
    gradient_ = AlignedBuffer<float>(parameters_.size());
    InitialiseParameters(parameters_, seed, values_.span());
    DrawBiases();
  }

  // Fills y of each layer, then d_x of each layer and the gradient.
  void Run(const PackedLayout& rows) {
    const SlotBounds bounds{rows.sequences(), rows.steps(), rows.rows(), {}, {}};
    Index bytes = 0;
    for (const auto& layer : layers_) bytes += layer.KeptBytes(bounds) + layer.ScratchBytes(bounds);
    Workspace workspace(bytes);
    std::vector<RecurrentLayer<float>::Saved> saved;
    activations_.push_back(Draw(seed_, 1, rows.rows() * layers_[0].shape().input_size));
    for (const auto& layer : layers_) {
      AlignedBuffer<float> y(rows.rows() * layer.output_size());
      saved.push_back(
          layer.Forward(rows, values_.data(), activations_.back().data(), y.data(), &workspace));
      activations_.push_back(std::move(y));
    }
    d_y_ = Draw(seed_, 2, activations_.back().size());
    const float* d_output = d_y_.data();
    for (std::size_t k = layers_.size(); k-- > 0;) {
      AlignedBuffer<float> d_x(activations_[k].size());
      layers_[k].Backward(rows, values_.data(), saved[k], d_output, d_x.data(), gradient_.data(),
                          &workspace);
      d_x_ = std::move(d_x);
      d_output = d_x_.data();
    }
  }

  void Write(const std::string& path, const PackedLayout& rows) const {
    Hdf5File file = Hdf5File::Create(path);
    const auto write = [&](const char* name, const AlignedBuffer<float>& array) {
      file.Write<float>(name, {rows.rows(), array.size() / rows.rows()}, array.span());
    };
    write("x", activations_.front());
    write("y", activations_.back());
    write("d_x", d_x_);
    write("d_y", d_y_);
    for (const ParameterInfo& info : parameters_.infos()) {
      const auto of = [&](const AlignedBuffer<float>& flat) {
        return flat.span().subspan(static_cast<std::size_t>(info.offset),
                                   static_cast<std::size_t>(info.count()));
      };
      file.Write<float>("values/" + info.name, info.shape, of(values_));
      file.Write<float>("gradient/" + info.name, info.shape, of(gradient_));
    }
    file.Close();
  }

 private:
  // Zero at the start of training; a comparison must see them.
  void DrawBiases() {
    for (std::size_t id = 0; id < parameters_.infos().size(); ++id) {
      const ParameterInfo& info = parameters_[id];
      if (info.shape.size() != 1) continue;
      const AlignedBuffer<float> drawn = Draw(seed_, 100 + id, info.count());
      for (Index i = 0; i < info.count(); ++i) values_[info.offset + i] += 0.3f * drawn[i];
    }
  }

  std::uint64_t seed_;
  ParameterLayout parameters_;
  std::vector<RecurrentLayer<float>> layers_;
  AlignedBuffer<float> values_, gradient_;
  std::vector<AlignedBuffer<float>> activations_;  // x, then y of each layer
  AlignedBuffer<float> d_x_, d_y_;
};

int Main(int argc, char** argv) {
  if (argc <= kFirstLength) throw UsageError("see the head of tests/worker/layers/layer_dump.cc");
  const Isa isa = IsaFromName(argv[2]);
  if (isa > DetectIsa()) return kIsaMissing;
  SelectIsa(isa);
  const RecurrentShape shape{.cell = CellFromName(argv[3]),
                             .input_size = std::stol(argv[6]),
                             .hidden_size = std::stol(argv[7]),
                             .directions = std::stol(argv[5])};
  std::vector<Index> lengths;
  for (int i = kFirstLength; i < argc; ++i) lengths.push_back(std::stol(argv[i]));
  const PackedLayout rows(lengths);
  Stack stack(shape, std::stol(argv[4]), std::stoul(argv[8]));
  stack.Run(rows);
  stack.Write(argv[1], rows);
  return 0;
}

}  // namespace
}  // namespace lockstep

int main(int argc, char** argv) {
  try {
    return lockstep::Main(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "layer_dump: %s\n", error.what());
    return 1;
  }
}
