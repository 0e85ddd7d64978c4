#include "launch/exchange/onnx_layers.h"

#include <algorithm>
#include <limits>

#include "base/error.h"

namespace lockstep {
namespace {

// In ONNX an LSTM has its gates in the order i, o, f, c, and a GRU in the order z, r, h; here, as
// in PyTorch, it is i, f, g, o and r, z, n. Entry k is the place here of gate k there.
std::vector<Index> GateOrder(CellKind cell) {
  if (HasMemory(cell)) return {0, 3, 1, 2};
  return HasCandidate(cell) ? std::vector<Index>{1, 0, 2} : std::vector<Index>{0};
}

std::string Operator(CellKind cell) {
  if (HasMemory(cell)) return "LSTM";
  return HasCandidate(cell) ? "GRU" : "RNN";
}

std::vector<OnnxAttribute> AttributesOf(const EncoderOptions& options) {
  const bool both = options.bidirectional;
  std::vector<OnnxAttribute> attributes = {
      {"hidden_size", options.hidden_size},
      {"direction", std::string(both ? "bidirectional" : "forward")}};
  if (HasCandidate(options.cell)) {
    attributes.push_back({"linear_before_reset", std::int64_t{ResetsAfter(options.cell) ? 1 : 0}});
  } else if (!HasMemory(options.cell)) {
    const char* const name = options.cell == CellKind::kRnnRelu ? "Relu" : "Tanh";
    attributes.push_back({"activations", std::vector<std::string>(both ? 2 : 1, name)});
  }
  return attributes;
}

}  // namespace

const ParameterInfo* OnnxLayers::Find(const std::string& name) const {
  const auto& infos = trained_.model->layout().infos();
  const auto found = std::ranges::find(infos, name, &ParameterInfo::name);
  return found == infos.end() ? nullptr : &*found;
}

std::span<const float> OnnxLayers::ValuesOf(const std::string& name) const {
  const ParameterInfo* const info = Find(name);
  LOCKSTEP_CHECK(info != nullptr);
  return trained_.values.span().subspan(static_cast<std::size_t>(info->offset),
                                        static_cast<std::size_t>(info->count()));
}

std::string OnnxLayers::Parameter(const std::string& name) {
  const auto [place, is_new] = shared_.try_emplace("parameter " + name, name);
  if (is_new) graph_.AddFloats(name, Find(name)->shape, ValuesOf(name));
  return place->second;
}

std::string OnnxLayers::Linear(const std::string& name, const std::string& x,
                               const std::string& weight) {
  const std::string transposed =
      graph_.Add("Transpose", {Parameter(weight.empty() ? name + ".weight" : weight)},
                 {{"perm", std::vector<std::int64_t>{1, 0}}});
  return graph_.Add("Add", {graph_.Add("MatMul", {x, transposed}), Parameter(name + ".bias")});
}

// The same parameter of both directions, [D, rows, columns] or [D, rows] with its gates in the
// order of ONNX; several parameters (two biases) of a direction follow each other in its rows.
std::string OnnxLayers::Gates(const std::string& name, const std::vector<std::string>& parameters) {
  const Index H = encoder().hidden_size, D = encoder().bidirectional ? 2 : 1;
  const std::vector<Index> order = GateOrder(encoder().cell);
  std::vector<float> values;
  for (Index d = 0; d < D; ++d) {
    for (const std::string& parameter : parameters) {
      const auto from = ValuesOf(parameter + (d == 0 ? "" : "_reverse"));
      const Index count = static_cast<Index>(from.size()) / std::ssize(order);
      for (const Index gate : order) {
        const auto* const begin = from.data() + gate * count;
        values.insert(values.end(), begin, begin + count);
      }
    }
  }
  const Index rows = std::ssize(parameters) * std::ssize(order) * H;
  std::vector<Index> shape = {D, rows};
  if (Find(parameters[0])->shape.size() > 1) shape.push_back(Find(parameters[0])->cols());
  return graph_.AddFloats(name, shape, values);
}

// [T, D, B, H] -> [T, B, D*H].
std::string OnnxLayers::Steps(const std::string& y) {
  if (!encoder().bidirectional) return graph_.Add("Squeeze", {y, graph_.AddIntegers({1})});
  const std::string swapped =
      graph_.Add("Transpose", {y}, {{"perm", std::vector<std::int64_t>{0, 2, 1, 3}}});
  return graph_.Add("Reshape", {swapped, graph_.AddIntegers({0, 0, -1})});
}

std::string OnnxLayers::Recurrent(Index l, const std::string& x, States* states) {
  const std::string layer = "l" + std::to_string(l);
  const std::string ih = "rnn.weight_ih_" + layer, hh = "rnn.weight_hh_" + layer;
  std::vector<std::string> inputs = {
      x, Gates("input_weights_" + layer, {ih}), Gates("recurrent_weights_" + layer, {hh}),
      Gates("biases_" + layer, {"rnn.bias_ih_" + layer, "rnn.bias_hh_" + layer}), lengths_};
  const bool has_memory = HasMemory(encoder().cell);
  if (states != nullptr) {
    inputs.push_back(states->output);
    if (has_memory) inputs.push_back(states->memory);
  }
  const auto found =
      graph_.AddNode(Operator(encoder().cell), inputs, has_memory ? 3 : 2, AttributesOf(encoder()));
  if (states != nullptr) *states = {found[1], has_memory ? found[2] : ""};
  std::string y = Steps(found[0]);
  if (LookAheadOf(encoder(), l) > 0) y = LookAhead(l, y);
  const Index width = encoder().hidden_size * (encoder().bidirectional ? 2 : 1);
  return encoder().residual && Find(ih)->cols() == width ? graph_.Add("Add", {x, y}) : y;
}

// y[t] = sum over j of w_j * h[t + j], element by element: a convolution of each column by itself.
std::string OnnxLayers::LookAhead(Index l, const std::string& y) {
  const Index H = encoder().hidden_size, steps = LookAheadOf(encoder(), l);
  const auto from = ValuesOf("look_ahead.weight_l" + std::to_string(l));  // [steps + 1, H]
  std::vector<float> weights;                                             // [H, 1, steps + 1]
  for (Index h = 0; h < H; ++h) {
    for (Index j = 0; j <= steps; ++j) weights.push_back(from[static_cast<std::size_t>(j * H + h)]);
  }
  const std::string weight =
      graph_.AddFloats("look_ahead_weights_l" + std::to_string(l), {H, 1, steps + 1}, weights);
  const std::string known = graph_.Add("Where", {MaskOf(y), y, Constant(0)});
  const std::string columns =
      graph_.Add("Transpose", {known}, {{"perm", std::vector<std::int64_t>{1, 2, 0}}});
  const std::string seen =
      graph_.Add("Conv", {columns, weight},
                 {{"group", std::int64_t{H}}, {"pads", std::vector<std::int64_t>{0, steps}}});
  return graph_.Add("Transpose", {seen}, {{"perm", std::vector<std::int64_t>{2, 0, 1}}});
}

std::string OnnxLayers::Constant(float value) {
  std::string& name = shared_[fmt::format("constant {}", value)];
  if (!name.empty()) return name;
  name = graph_.AddFloats(fmt::format("constant_{}", shared_.size()), {1}, {&value, 1});
  return name;
}

std::string OnnxLayers::Count() {
  std::string& count = shared_["count"];
  if (count.empty()) {
    count = graph_.Add("Squeeze", {graph_.Add("Shape", {lengths_}), graph_.AddIntegers({0})});
  }
  return count;
}

std::string OnnxLayers::LongCount() {
  std::string& lengths = shared_["lengths"];
  if (lengths.empty()) {
    lengths = graph_.Add("Cast", {lengths_}, {{"to", std::int64_t{7}}});
  }
  return lengths;
}

// [T, B, 1] bool: whether the sequence has this step. T is that of x [T, ...].
std::string OnnxLayers::MaskOf(const std::string& x) {
  std::string& mask = shared_["mask"];
  if (!mask.empty()) return mask;
  const std::string shape =
      graph_.Add("Shape", {x}, {{"start", std::int64_t{0}}, {"end", std::int64_t{1}}});
  const std::string steps = graph_.Add(
      "Range", {graph_.AddInteger(0), graph_.Add("Squeeze", {shape, graph_.AddIntegers({0})}),
                graph_.AddInteger(1)});
  const std::string down = graph_.Add("Unsqueeze", {steps, graph_.AddIntegers({1})});
  const std::string is_known = graph_.Add("Less", {down, LongCount()});
  mask = graph_.Add("Unsqueeze", {is_known, graph_.AddIntegers({2})});
  return mask;
}

// The row of each sequence at a step of its own, `steps` [B]: [B, width].
std::string OnnxLayers::Rows(const std::string& x, const std::string& steps) {
  const std::string sequences =
      graph_.Add("Range", {graph_.AddInteger(0), Count(), graph_.AddInteger(1)});
  const std::string axis = graph_.AddIntegers({1});
  const std::string places = graph_.Add(
      "Concat",
      {graph_.Add("Unsqueeze", {steps, axis}), graph_.Add("Unsqueeze", {sequences, axis})},
      {{"axis", std::int64_t{1}}});
  return graph_.Add("GatherND", {x, places});
}

// Where each direction has read the whole sequence, or half of it: of 2n or 2n - 1 steps, n.
std::string OnnxLayers::PoolStep(bool half, const std::string& x, Index width) {
  const std::string one = graph_.AddIntegers({1}), lengths = LongCount();
  const std::string read =
      half ? graph_.Add("Div", {graph_.Add("Add", {lengths, one}), graph_.AddIntegers({2})})
           : lengths;
  const std::string forward = Rows(x, graph_.Add("Sub", {read, one}));
  if (!encoder().bidirectional || encoder().layers == 0) return forward;
  const std::string backward = Rows(x, graph_.Add("Sub", {lengths, read}));
  const std::string middle = graph_.AddIntegers({width / 2});
  const auto cut = [&](const std::string& rows, const std::string& begin, const std::string& end) {
    return graph_.Add("Slice", {rows, begin, end, one});
  };
  return graph_.Add("Concat",
                    {cut(forward, graph_.AddIntegers({0}), middle),
                     cut(backward, middle, graph_.AddIntegers({width}))},
                    {{"axis", std::int64_t{1}}});
}

std::string OnnxLayers::PoolOne(const std::string& kind, const std::string& x, Index width) {
  if (kind == "last" || kind == "middle") return PoolStep(kind == "middle", x, width);
  const std::string first = graph_.AddIntegers({0});
  const OnnxAttribute no_axis = {"keepdims", std::int64_t{0}};
  // The values, and `beyond` where a sequence has ended.
  const auto known = [&](const std::string& values, float beyond) {
    return graph_.Add("Where", {MaskOf(x), values, Constant(beyond)});
  };
  constexpr float kLowest = std::numeric_limits<float>::lowest();
  if (kind == "max") {
    return graph_.Add("ReduceMax", {known(x, kLowest)},
                      {{"axes", std::vector<std::int64_t>{0}}, no_axis});
  }
  if (kind == "mean") {
    const std::string sum = graph_.Add("ReduceSum", {known(x, 0), first}, {no_axis});
    const std::string count = graph_.Add("Cast", {lengths_}, {{"to", std::int64_t{1}}});
    return graph_.Add("Div", {sum, graph_.Add("Unsqueeze", {count, graph_.AddIntegers({1})})});
  }
  const std::string hidden = graph_.Add("Tanh", {Linear("attention", x)});
  const std::string context = graph_.Add("Transpose", {Parameter("attention.context")},
                                         {{"perm", std::vector<std::int64_t>{1, 0}}});
  const std::string scores = known(graph_.Add("MatMul", {hidden, context}), kLowest);
  const std::string weights = graph_.Add("Softmax", {scores}, {{"axis", std::int64_t{0}}});
  const std::string weighted = graph_.Add("Mul", {weights, known(x, 0)});
  return graph_.Add("ReduceSum", {weighted, first}, {no_axis});
}

std::string OnnxLayers::Pool(const std::string& kinds, const std::string& x, Index width) {
  std::vector<std::string> rows;
  for (std::size_t begin = 0; begin <= kinds.size();) {
    const std::size_t end = std::min(kinds.find('+', begin), kinds.size());
    rows.push_back(PoolOne(kinds.substr(begin, end - begin), x, width));
    begin = end + 1;
  }
  return rows.size() == 1 ? rows[0] : graph_.Add("Concat", rows, {{"axis", std::int64_t{1}}});
}

}  // namespace lockstep
