// Runs stacked recurrent layers forward and backward on random numbers and writes everything to an
// HDF5 file, for comparison with torch.nn (torch_parity_test.py, torch_regularised_test.py).
//
//   layer_dump FILE ISA CELL LAYERS DIRECTIONS INPUT_SIZE HIDDEN_SIZE SEED
//              [WEIGHT_DROPOUT ZONEOUT CELL_ZONEOUT] LENGTH...
//
// The shares have a point ("0.3"), lengths have none and descend. Datasets: x, y, d_x, d_y
// [rows, width] packed and time-major; values/NAME and gradient/NAME for each parameter. With
// shares, also masks/weight_lK [G*H, H] and masks/output_lK, masks/memory_lK [rows, H] with
// _reverse, which are computed here from the generators. Exit code 3: this machine does not have
// the instruction set.
#include <iterator>
#include <memory>

#include "base/counter_rng.h"
#include "tests/support/dump.h"
#include "worker/kernels/dropout.h"
#include "worker/kernels/isa.h"
#include "worker/kernels/zoneout.h"
#include "worker/layers/recurrent_layer.h"

namespace lockstep {
namespace {

constexpr int kFirstLength = 9;
constexpr int kShares = 3;
constexpr int kIsaMissing = 3;
constexpr DropoutKey kKey{11, 5, 2};

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
  // If `key` is not null, it determines the masks.
  Stack(RecurrentShape shape, Index layers, std::uint64_t seed, const DropoutKey* key)
      : seed_(seed), key_(key) {
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
      saved.push_back(layer.Forward(rows, values_.data(), activations_.back().data(), y.data(),
                                    &workspace, nullptr, {}, key_));
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
    WriteParameters(parameters_, values_.span(), gradient_.span(), &file);
    for (Index k = 0; key_ != nullptr && k < std::ssize(layers_); ++k) WriteMasks(k, rows, &file);
    file.Close();
  }

 private:
  void WriteMasks(Index k, const PackedLayout& rows, Hdf5File* file) const {
    const RecurrentShape& shape = layers_[static_cast<std::size_t>(k)].shape();
    const Index H = shape.hidden_size, GH = GateCount(shape.cell) * H;
    for (Index d = 0; d < shape.directions; ++d) {
      const std::string suffix = fmt::format("_l{}{}", k, d == 0 ? "" : "_reverse");
      AlignedBuffer<float> weight(GH * H);
      std::fill(weight.span().begin(), weight.span().end(), 1.0f);
      ApplyDropout(DropoutRng({key_->seed, key_->step, 0}, kWeightPlaces + 2 * k + d),
                   shape.weight_dropout, GH * H, weight.data());
      file->Write<float>("masks/weight" + suffix, {GH, H}, weight.span());
      const auto write_kept = [&](const char* name, double share, Index place) {
        AlignedBuffer<float> kept(rows.rows() * H);
        for (Index t = 0; t < rows.steps(); ++t) {
          DrawKept(DropoutRng(*key_, place), share, t, rows.active(t) * H,
                   kept.data() + rows.row_start(t) * H);
        }
        file->Write<float>(name + suffix, {rows.rows(), H}, kept.span());
      };
      write_kept("masks/output", shape.zoneout, kZoneoutPlaces + 4 * k + 2 * d);
      write_kept("masks/memory", shape.cell_zoneout, kZoneoutPlaces + 4 * k + 2 * d + 1);
    }
  }
  // Biases are zero and gains one at the start of training; a comparison must see them.
  void DrawBiases() {
    for (std::size_t id = 0; id < parameters_.infos().size(); ++id) {
      const ParameterInfo& info = parameters_[id];
      if (info.shape.size() != 1) continue;
      const AlignedBuffer<float> drawn = Draw(seed_, 100 + id, info.count());
      for (Index i = 0; i < info.count(); ++i) values_[info.offset + i] += 0.3f * drawn[i];
    }
  }

  std::uint64_t seed_;
  const DropoutKey* key_;
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
  RecurrentShape shape{.cell = CellFromName(argv[3]),
                       .input_size = std::stol(argv[6]),
                       .hidden_size = std::stol(argv[7]),
                       .directions = std::stol(argv[5])};
  const bool masked = std::string(argv[kFirstLength]).find('.') != std::string::npos;
  if (masked && argc <= kFirstLength + kShares) throw UsageError("give lengths after the shares");
  if (masked) {
    shape.weight_dropout = std::stod(argv[kFirstLength]);
    shape.zoneout = std::stod(argv[kFirstLength + 1]);
    shape.cell_zoneout = std::stod(argv[kFirstLength + 2]);
  }
  const PackedLayout rows(NumbersFrom(kFirstLength + (masked ? kShares : 0), argc, argv));
  Stack stack(shape, std::stol(argv[4]), std::stoul(argv[8]), masked ? &kKey : nullptr);
  stack.Run(rows);
  stack.Write(argv[1], rows);
  return 0;
}

}  // namespace
}  // namespace lockstep

int main(int argc, char** argv) {
  return lockstep::RunDump("layer_dump", argc, argv, lockstep::Main);
}
