#include "bench/layer_problem.h"

#include <algorithm>
#include <cmath>
#include <fstream>

#include "base/counter_rng.h"
#include "base/error.h"

namespace lockstep {
namespace {

constexpr std::uint64_t kSeed = 20240229;

// Fills an array with uniform numbers in [-scale, scale). `what` is different for each array of a
// problem.
void Draw(std::uint64_t what, double scale, std::span<float> values) {
  const CounterRng rng(kSeed, RandomPurpose::kTest, what);
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<float>(scale * (2.0 * rng.Uniform(i) - 1.0));
  }
}

// The range of torch.nn, for weights and biases.
void DrawParameters(const ParameterLayout& layout, Index hidden_size, std::span<float> values) {
  const double scale = 1.0 / std::sqrt(static_cast<double>(hidden_size));
  std::uint64_t what = 2;
  for (const ParameterInfo& info : layout.infos()) {
    Draw(what++, scale, values.subspan(info.offset, info.count()));
  }
}

void Append(std::span<const float> values, std::ostream& out) {
  out.write(reinterpret_cast<const char*>(values.data()),
            static_cast<std::streamsize>(values.size_bytes()));
}

void AppendParameters(const ParameterLayout& layout, std::span<const float> flat,
                      std::ostream& out) {
  for (const ParameterInfo& info : layout.infos()) {
    Append(flat.subspan(info.offset, info.count()), out);
  }
}

}  // namespace

LayerCase ReadLayerCase(std::istream& in) {
  LayerCase c;
  std::string cell;
  in >> cell >> c.layers >> c.directions >> c.input_size >> c.hidden_size >> c.sequences >> c.steps;
  const Index least =
      std::min({c.layers, c.directions, c.input_size, c.hidden_size, c.sequences, c.steps});
  if (!in || least < 1 || c.directions > 2) {
    throw UsageError("a case is \"CELL layers directions I H B T\", directions 1 or 2");
  }
  c.cell = CellFromName(cell);
  return c;
}

std::string LayerCaseText(const LayerCase& c) {
  return fmt::format("{} {} {} {} {} {} {}", CellName(c.cell), c.layers, c.directions, c.input_size,
                     c.hidden_size, c.sequences, c.steps);
}

LayerCase SmallVersion(const LayerCase& c) {
  LayerCase small = c;
  small.input_size = std::min<Index>(c.input_size, 20);
  small.hidden_size = std::min<Index>(c.hidden_size, 24);
  small.sequences = std::min<Index>(c.sequences, 5);
  small.steps = std::min<Index>(c.steps, 9);
  return small;
}

LayerProblem::LayerProblem(const LayerCase& c)
    : shape(c), batch(std::vector<Index>(static_cast<std::size_t>(c.sequences), c.steps)) {
  for (Index k = 0; k < c.layers; ++k) {
    stack.emplace_back(RecurrentShape{.cell = c.cell,
                                      .input_size = c.InputSizeOf(k),
                                      .hidden_size = c.hidden_size,
                                      .directions = c.directions,
                                      .precision = c.precision},
                       k, &layout);
  }
  values = AlignedBuffer<float>(layout.size());
  x = AlignedBuffer<float>(c.rows() * c.input_size);
  d_y = AlignedBuffer<float>(c.rows() * c.output_size());
  DrawParameters(layout, c.hidden_size, values.span());
  Draw(0, 1.0, x.span());
  Draw(1, 1.0, d_y.span());
}

void SaveProblem(const LayerProblem& problem, const StepResult& result, const std::string& path) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  Append(problem.x.span(), out);
  Append(problem.d_y.span(), out);
  AppendParameters(problem.layout, problem.values.span(), out);
  Append(result.y, out);
  Append(result.d_x, out);
  AppendParameters(problem.layout, result.gradient, out);
  out.close();
  if (!out) throw IoError(fmt::format("{}: cannot write: {}", path, ErrnoText()));
}

}  // namespace lockstep
