// The layers of a model as nodes of an ONNX graph. Values are time-major: [T, B, ...] with T steps
// of the longest sequence and B sequences, as the recurrent operators of ONNX want them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "launch/exchange/onnx_graph.h"
#include "launch/run/trained_model.h"

namespace lockstep {

// Parameters by name, and the values that layers share.
class OnnxLayers {
 public:
  // `lengths` is the name of the value [B] int32; for models that are fed step by step, empty.
  OnnxLayers(const TrainedModel& trained, const std::string& lengths, OnnxGraph* graph)
      : trained_(trained), lengths_(lengths), graph_(*graph) {}

  bool Has(const std::string& parameter) const { return Find(parameter) != nullptr; }
  // The parameter as it is, as a value of the graph.
  std::string Parameter(const std::string& name);
  // x W^T + b over the last axis, with the parameters NAME.weight and NAME.bias; `weight` is that
  // of another name, where it is shared.
  std::string Linear(const std::string& name, const std::string& x, const std::string& weight = "");

  // The initial states of a layer and the final ones, [1, B, H] each; the second of LSTMs only.
  struct States {
    std::string output, memory;
  };
  // Recurrent layer `l`, with its look-ahead and its residual sum: [T, B, D*H]. `states` are
  // replaced by the final ones; null: begins with zeros.
  std::string Recurrent(Index l, const std::string& x, States* states);

  // Several kinds of pooling side by side: [B, kinds * width].
  std::string Pool(const std::string& kinds, const std::string& x, Index width);

 private:
  const ParameterInfo* Find(const std::string& name) const;
  std::span<const float> ValuesOf(const std::string& name) const;
  std::string Gates(const std::string& name, const std::vector<std::string>& parameters);
  std::string Steps(const std::string& y);
  std::string LookAhead(Index l, const std::string& y);
  std::string PoolOne(const std::string& kind, const std::string& x, Index width);
  std::string PoolStep(bool half, const std::string& x, Index width);
  std::string Rows(const std::string& x, const std::string& steps);
  std::string Constant(float value);
  std::string Count();      // B as a number
  std::string LongCount();  // lengths as int64
  std::string MaskOf(const std::string& x);

  const EncoderOptions& encoder() const { return trained_.config.run().trainer.model.encoder; }

  const TrainedModel& trained_;
  std::string lengths_;
  OnnxGraph& graph_;
  std::map<std::string, std::string> shared_;  // values that were made before
};

}  // namespace lockstep
