// The kinds of recurrent cells. To add one, write its kernels (worker/kernels), a row in
// cell_kind.cc, and a row in each of the two kernel choices in direction_pass.cc.
#pragma once

#include <string>

#include "base/types.h"

namespace lockstep {

enum class CellKind { kRnnTanh, kRnnRelu, kGru, kGruResetBefore, kLstm, kGruLn, kLstmLn };

std::string CellName(CellKind kind);
CellKind CellFromName(const std::string& name);  // UsageError that lists the allowed names
Index GateCount(CellKind kind);
// The number of state vectors [H] that one step passes to the next: 2 for LSTMs (output and cell
// state), else 1.
Index StateCount(CellKind kind);
// Whether one gate, the candidate of a GRU, has a recurrent product apart from those of the others.
bool HasCandidate(CellKind kind);
// Whether the candidate's reset gate comes after its recurrent product, so that the two biases of
// the candidate have different gradients.
bool ResetsAfter(CellKind kind);
// Whether the cell passes a cell state from step to step besides its output.
inline bool HasMemory(CellKind kind) { return StateCount(kind) > 1; }
// Whether the products of the cell are normalised over their units (layer_norm.h).
bool IsNormalised(CellKind kind);

}  // namespace lockstep
