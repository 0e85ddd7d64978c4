// The parameters of a PyTorch module from a safetensors file, for a model of Lockstep. Names and
// shapes are those of torch.nn (torch_export.h says how they belong to each other); what stands
// before the names of the recurrent layers, such as "lstm." or nothing, is found by itself, and
// other modules are renamed by the user.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "checkpoint/safetensors.h"
#include "data/batch/schema.h"
#include "launch/config/config.h"
#include "worker/params/parameter_layout.h"

namespace lockstep {

class TorchImport {
 public:
  // `renames` are of the form "OLD=NEW": OLD is the name of a tensor or of a module, whose tensors
  // then have names that begin with NEW instead. Reads the header of the file only. UsageError if a
  // rename names nothing or two tensors get one name, BadData for layers that no model has
  // (LSTM with projections).
  TorchImport(const std::string& path, std::span<const std::string> renames);

  // Sets the keys of model.* that the file tells: in its metadata, if Lockstep wrote it, else by
  // the shapes of the recurrent layers and of the embedding. A torch.nn.RNN is taken for one with
  // tanh.
  void SetModel(Config* config) const;

  // UsageError if the file says which symbols and classes its rows are for (files of `export` do),
  // and these are not those of the schema.
  void RequireNamesOf(const Schema& schema) const;

  // What became of the parameters of a model, by name.
  struct Report {
    std::vector<std::string> taken;
    std::vector<std::string> zeros;   // biases of a module without biases
    std::vector<std::string> drawn;   // not in the file
    std::vector<std::string> unused;  // tensors that are no parameter of the model
  };
  // Sets the parameters that the file has in `values` [layout.size()]. Those that it lacks keep
  // their values if `may_lack`; UsageError that lists them if not, and those of another shape than
  // the parameter. BadData for values that are not finite.
  Report Take(const ParameterLayout& layout, bool may_lack, std::span<float> values) const;

 private:
  const TensorInfo* Find(const std::string& parameter) const;
  void Rename(const std::string& rename);
  void NameRecurrentLayers();
  void RefuseProjections() const;
  void SetByMetadata(const std::string& text, Config* config) const;
  void SetByShapes(Config* config) const;
  bool IsLeftOut(const std::string& parameter) const;
  void RequireShapes(const ParameterLayout& layout) const;
  std::string NameInFile(const std::string& parameter) const;  // `parameter` if it has none
  void Copy(const ParameterInfo& info, std::span<float> target) const;
  [[noreturn]] void FailLacking(const Report& report) const;

  SafetensorsFile file_;
  std::map<std::string, std::string> tensors_;  // name in a model -> name in the file
};

}  // namespace lockstep
