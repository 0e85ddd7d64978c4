// Builds the graph of an ONNX file (https://github.com/onnx/onnx, onnx.proto and docs/IR.md): nodes
// that compute values from values. A value is known by its name; nodes are written in the order in
// which they are added, so a value must be added before it is used.
//
//   OnnxGraph graph;
//   const std::string x = graph.AddInput("x", OnnxType::kFloat, {"steps", 3});
//   graph.AddOutput(graph.Add("Tanh", {x}), "y", OnnxType::kFloat, {"steps", 3});
//   const std::string file = graph.File({});
#pragma once

#include <map>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/types.h"
#include "launch/exchange/proto_writer.h"

namespace lockstep {

// The element types that are used, with their numbers in TensorProto.DataType.
enum class OnnxType { kFloat = 1, kInt32 = 6, kInt64 = 7 };

// The size of an axis: a number, or the name of a size that is known when the graph runs.
using OnnxSize = std::variant<Index, std::string>;

struct OnnxAttribute {
  std::string name;
  std::variant<std::int64_t, std::string, std::vector<std::int64_t>, std::vector<std::string>>
      value;
};

class OnnxGraph {
 public:
  // The version of the operators of the graph. That of ONNX 1.12 and ONNX Runtime 1.12 (2022): all
  // that is needed exists in it, and newer programs read it.
  static constexpr int kOperatorSet = 17;

  // All return the name of the value.
  std::string AddInput(const std::string& name, OnnxType type, const std::vector<OnnxSize>& shape);
  std::string AddFloats(const std::string& name, const std::vector<Index>& shape,
                        std::span<const float> values);
  std::string AddIntegers(const std::vector<std::int64_t>& values);  // one axis
  std::string AddInteger(std::int64_t value);                        // no axis
  std::string Add(const std::string& op, const std::vector<std::string>& inputs,
                  const std::vector<OnnxAttribute>& attributes = {});
  // A node of several outputs. An empty name among the inputs: an optional input that is left out.
  std::vector<std::string> AddNode(const std::string& op, const std::vector<std::string>& inputs,
                                   std::size_t outputs,
                                   const std::vector<OnnxAttribute>& attributes);
  // Makes a value an output of the graph under another name.
  void AddOutput(const std::string& value, const std::string& name, OnnxType type,
                 const std::vector<OnnxSize>& shape);

  // The bytes of the file. UsageError if they are 2 GiB or more, which no protobuf may be.
  std::string File(const std::map<std::string, std::string>& metadata) const;

 private:
  std::string NewName(const std::string& what) { return what + "_" + std::to_string(count_++); }

  ProtoMessage graph_;
  std::map<std::vector<std::int64_t>, std::string> integers_;  // each list once
  Index count_ = 0;
};

}  // namespace lockstep
