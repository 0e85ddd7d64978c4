#include "worker/models/row_table.h"

namespace lockstep {
namespace {

// Elements from which a table is worth the bookkeeping: below, clearing and adding all of it takes
// microseconds.
constexpr Index kSmallTable = Index{1} << 14;

}  // namespace

RowTable TableOf(const ParameterLayout& layout, std::optional<ParameterId> embedding,
                 Index stand_in) {
  if (!embedding || layout[*embedding].count() < kSmallTable) return {};
  const ParameterInfo& table = layout[*embedding];
  return {table.offset, table.cols(), table.rows(), 0, stand_in};
}

}  // namespace lockstep
