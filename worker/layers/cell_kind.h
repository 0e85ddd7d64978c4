// The recurrent cells there are. To add one: kernels, a row here, two rows in direction_pass.cc.
#pragma once

#include <string>

#include "base/types.h"

namespace lockstep {

enum class CellKind { kRnnTanh, kRnnRelu, kGru, kGruResetBefore, kLstm };

std::string CellName(CellKind kind);
CellKind CellFromName(const std::string& name);  // UsageError naming the allowed ones
Index GateCount(CellKind kind);
// Arrays [H] that a step hands to the next: the output, and the LSTM's cell state.
Index StateCount(CellKind kind);

}  // namespace lockstep
