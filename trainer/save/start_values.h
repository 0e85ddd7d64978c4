// The parameters of another run, with which a new run starts instead of random ones.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/aligned_buffer.h"
#include "data/batch/schema.h"
#include "worker/params/parameter_layout.h"

namespace lockstep {

struct StartValues {
  std::string path;                  // of the checkpoint, for messages
  std::vector<ParameterInfo> infos;  // where each parameter lies in `values`
  Schema schema;                     // what its model reads and predicts
  AlignedBuffer<float> values;
  std::string parts = "*";  // train.start_parts: which parameters are taken (parameter_choice.h)
};

// What was copied, for the log.
struct StartReport {
  std::string path;                // of the checkpoint
  std::vector<std::string> taken;  // names; with "(3 of 5 symbols)" where only rows were taken
  std::vector<std::string> anew;   // names of those that were left as they are
};

// Copies parameters by name into `values` [layout.size()], and leaves the others as they are. A
// parameter is copied whole if its shape is the same in both models. Rows that belong to names are
// copied by these names instead, and other rows are left: those of the embedding to input symbols,
// those of the last layer and of the scores of a CRF to classes. So another vocabulary keeps what
// is known of the symbols that both have. `schema` is that of the new model. UsageError if nothing
// can be copied, or train.start_parts names no parameter.
StartReport CopyStartValues(const StartValues& start, const ParameterLayout& layout,
                            const Schema& schema, std::span<float> values);

}  // namespace lockstep
