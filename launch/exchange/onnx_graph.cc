#include "launch/exchange/onnx_graph.h"

#include <bit>

#include "base/error.h"
#include "launch/frame/version.h"

namespace lockstep {
namespace {

// Numbers of fields in onnx.proto.
namespace model {
constexpr int kIrVersion = 1, kProducerName = 2, kProducerVersion = 3, kGraph = 7, kOpsetImport = 8,
              kMetadata = 14;
}
namespace graph {
constexpr int kNode = 1, kName = 2, kInitializer = 5, kInput = 11, kOutput = 12;
}
namespace node {
constexpr int kInput = 1, kOutput = 2, kName = 3, kOpType = 4, kAttribute = 5;
}
namespace attribute {
constexpr int kName = 1, kInteger = 3, kText = 4, kIntegers = 8, kTexts = 9, kType = 20;
constexpr int kTypeInteger = 2, kTypeText = 3, kTypeIntegers = 7, kTypeTexts = 8;
}  // namespace attribute
namespace tensor {
constexpr int kDims = 1, kDataType = 2, kName = 8, kRawData = 9;
}

constexpr int kIrVersion = 8;  // that of ONNX 1.12

ProtoMessage TensorOf(const std::string& name, OnnxType type, const std::vector<Index>& shape,
                      std::span<const std::byte> bytes) {
  static_assert(std::endian::native == std::endian::little);
  ProtoMessage message;
  for (const Index size : shape) message.AddInteger(tensor::kDims, size);
  message.AddInteger(tensor::kDataType, static_cast<int>(type));
  message.AddText(tensor::kName, name);
  message.AddBytes(tensor::kRawData, bytes);
  return message;
}

// ValueInfoProto { name = 1, type = 2 { tensor_type = 1 { elem_type = 1, shape = 2 { dim = 1 {
// dim_value = 1, dim_param = 2 }}}}}
ProtoMessage ValueOf(const std::string& name, OnnxType type, const std::vector<OnnxSize>& shape) {
  ProtoMessage axes;
  for (const OnnxSize& size : shape) {
    ProtoMessage axis;
    if (const auto* const number = std::get_if<Index>(&size)) axis.AddInteger(1, *number);
    if (const auto* const symbol = std::get_if<std::string>(&size)) axis.AddText(2, *symbol);
    axes.AddMessage(1, axis);
  }
  ProtoMessage elements, of_type, value;
  elements.AddInteger(1, static_cast<int>(type));
  elements.AddMessage(2, axes);
  of_type.AddMessage(1, elements);
  value.AddText(1, name);
  value.AddMessage(2, of_type);
  return value;
}

struct AttributeWriter {
  ProtoMessage* message;
  void operator()(std::int64_t value) const {
    message->AddInteger(attribute::kInteger, value);
    message->AddInteger(attribute::kType, attribute::kTypeInteger);
  }
  void operator()(const std::string& value) const {
    message->AddText(attribute::kText, value);
    message->AddInteger(attribute::kType, attribute::kTypeText);
  }
  void operator()(const std::vector<std::int64_t>& values) const {
    for (const std::int64_t value : values) message->AddInteger(attribute::kIntegers, value);
    message->AddInteger(attribute::kType, attribute::kTypeIntegers);
  }
  void operator()(const std::vector<std::string>& values) const {
    for (const std::string& value : values) message->AddText(attribute::kTexts, value);
    message->AddInteger(attribute::kType, attribute::kTypeTexts);
  }
};

ProtoMessage AttributeOf(const OnnxAttribute& from) {
  ProtoMessage message;
  message.AddText(attribute::kName, from.name);
  std::visit(AttributeWriter{&message}, from.value);
  return message;
}

}  // namespace

std::string OnnxGraph::AddInput(const std::string& name, OnnxType type,
                                const std::vector<OnnxSize>& shape) {
  graph_.AddMessage(graph::kInput, ValueOf(name, type, shape));
  return name;
}

void OnnxGraph::AddOutput(const std::string& value, const std::string& name, OnnxType type,
                          const std::vector<OnnxSize>& shape) {
  ProtoMessage identity;
  identity.AddText(node::kInput, value);
  identity.AddText(node::kOutput, name);
  identity.AddText(node::kName, NewName("Identity"));
  identity.AddText(node::kOpType, "Identity");
  graph_.AddMessage(graph::kNode, identity);
  graph_.AddMessage(graph::kOutput, ValueOf(name, type, shape));
}

std::string OnnxGraph::AddFloats(const std::string& name, const std::vector<Index>& shape,
                                 std::span<const float> values) {
  graph_.AddMessage(graph::kInitializer,
                    TensorOf(name, OnnxType::kFloat, shape, std::as_bytes(values)));
  return name;
}

std::string OnnxGraph::AddIntegers(const std::vector<std::int64_t>& values) {
  const auto [place, is_new] = integers_.try_emplace(values);
  if (!is_new) return place->second;
  place->second = NewName("integers");
  graph_.AddMessage(graph::kInitializer,
                    TensorOf(place->second, OnnxType::kInt64, {std::ssize(values)},
                             std::as_bytes(std::span(values))));
  return place->second;
}

std::string OnnxGraph::AddInteger(std::int64_t value) {
  const std::string name = NewName("integer");
  graph_.AddMessage(graph::kInitializer,
                    TensorOf(name, OnnxType::kInt64, {}, std::as_bytes(std::span(&value, 1))));
  return name;
}

std::string OnnxGraph::Add(const std::string& op, const std::vector<std::string>& inputs,
                           const std::vector<OnnxAttribute>& attributes) {
  return AddNode(op, inputs, 1, attributes)[0];
}

std::vector<std::string> OnnxGraph::AddNode(const std::string& op,
                                            const std::vector<std::string>& inputs,
                                            std::size_t outputs,
                                            const std::vector<OnnxAttribute>& attributes) {
  const std::string name = NewName(op);
  ProtoMessage message;
  for (const std::string& input : inputs) message.AddText(node::kInput, input);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < outputs; ++i) {
    names.push_back(i == 0 ? name : name + "_" + std::to_string(i));
    message.AddText(node::kOutput, names.back());
  }
  message.AddText(node::kName, name);
  message.AddText(node::kOpType, op);
  for (const OnnxAttribute& from : attributes) {
    message.AddMessage(node::kAttribute, AttributeOf(from));
  }
  graph_.AddMessage(graph::kNode, message);
  return names;
}

std::string OnnxGraph::File(const std::map<std::string, std::string>& metadata) const {
  constexpr std::size_t kMostBytes = (std::size_t{1} << 31) - 1;
  ProtoMessage named = graph_;
  named.AddText(graph::kName, "lockstep");
  ProtoMessage file, operators;
  operators.AddText(1, "");  // domain: that of ONNX itself
  operators.AddInteger(2, kOperatorSet);
  file.AddInteger(model::kIrVersion, kIrVersion);
  file.AddText(model::kProducerName, "lockstep");
  file.AddText(model::kProducerVersion, kVersion);
  file.AddMessage(model::kGraph, named);
  file.AddMessage(model::kOpsetImport, operators);
  for (const auto& [key, text] : metadata) {
    ProtoMessage entry;
    entry.AddText(1, key);
    entry.AddText(2, text);
    file.AddMessage(model::kMetadata, entry);
  }
  if (file.bytes().size() <= kMostBytes) return file.bytes();
  throw UsageError(
      "the model has {} bytes as ONNX, whose files have at most {}; use --format safetensors",
      file.bytes().size(), kMostBytes);
}

}  // namespace lockstep
