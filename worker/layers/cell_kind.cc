#include "worker/layers/cell_kind.h"

#include <array>

#include "base/error.h"

namespace lockstep {
namespace {

struct CellRow {
  CellKind kind;
  const char* name;
  Index gates;
};
constexpr std::array<CellRow, 7> kCells = {{{CellKind::kRnnTanh, "rnn_tanh", 1},
                                            {CellKind::kRnnRelu, "rnn_relu", 1},
                                            {CellKind::kGru, "gru", 3},
                                            {CellKind::kGruResetBefore, "gru_reset_before", 3},
                                            {CellKind::kLstm, "lstm", 4},
                                            {CellKind::kGruLn, "gru_ln", 3},
                                            {CellKind::kLstmLn, "lstm_ln", 4}}};

const CellRow& RowOf(CellKind kind) { return kCells[static_cast<std::size_t>(kind)]; }

}  // namespace

std::string CellName(CellKind kind) { return RowOf(kind).name; }
Index GateCount(CellKind kind) { return RowOf(kind).gates; }

CellKind CellFromName(const std::string& name) {
  std::string allowed;
  for (const CellRow& row : kCells) {
    if (name == row.name) return row.kind;
    allowed += allowed.empty() ? row.name : std::string(", ") + row.name;
  }
  throw UsageError("model.cell is \"{}\"; allowed are {}", name, allowed);
}

Index StateCount(CellKind kind) {
  return kind == CellKind::kLstm || kind == CellKind::kLstmLn ? 2 : 1;
}

bool HasCandidate(CellKind kind) {
  return kind == CellKind::kGru || kind == CellKind::kGruResetBefore;
}

bool ResetsAfter(CellKind kind) { return kind == CellKind::kGru || kind == CellKind::kGruLn; }

bool IsNormalised(CellKind kind) { return kind == CellKind::kGruLn || kind == CellKind::kLstmLn; }

}  // namespace lockstep
