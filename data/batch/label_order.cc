#include "data/batch/label_order.h"

#include <fmt/format.h>

#include <algorithm>

namespace lockstep {
namespace {

std::optional<std::string> FindListProblem(const std::string& what, std::span<const int> ids,
                                           std::size_t names) {
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] < 0 || ids[i] >= static_cast<int>(names)) {
      return fmt::format("has the id {} among the ids {}; allowed are 0 to {}", ids[i], what,
                         static_cast<int>(names) - 1);
    }
    if (i > 0 && ids[i] <= ids[i - 1]) {
      return fmt::format("has the id {} after {} among the ids {}; they must be ascending", ids[i],
                         ids[i - 1], what);
    }
  }
  return std::nullopt;
}

// On the other strand, the complement of what came last comes first.
std::optional<std::string> FindStrandProblem(const LabelOrder& order,
                                             std::span<const int> complement) {
  const auto names = static_cast<int>(complement.size());
  const auto other = [&](int id) { return complement[static_cast<std::size_t>(id)]; };
  for (int from = 0; from < names; ++from) {
    if (order.MayBeFirst(from) != order.MayBeLast(other(from))) {
      return fmt::format(
          "allows one of these, but not both: a sequence that begins with the id {}, and one that "
          "ends with its complement {}",
          from, other(from));
    }
    for (int to = 0; to < names; ++to) {
      if (order.MayFollow(from, to) == order.MayFollow(other(to), other(from))) continue;
      return fmt::format(
          "allows one of these, but not both: {} after {}, and {} after {}, which is the same on "
          "the other strand",
          to, from, other(from), other(to));
    }
  }
  return std::nullopt;
}

bool Contains(const std::vector<int>& ids, int id) {
  return std::binary_search(ids.begin(), ids.end(), id);
}

}  // namespace

std::optional<std::string> FindOrderProblem(const LabelOrder& order, std::size_t names,
                                            std::span<const int> complement) {
  if (!order.followers.empty() && order.followers.size() != names) {
    return fmt::format("has followers of {} ids for {} names; give a list for each name or none",
                       order.followers.size(), names);
  }
  for (std::size_t id = 0; id < order.followers.size(); ++id) {
    const std::string what = fmt::format("that may follow {}", id);
    if (auto problem = FindListProblem(what, order.followers[id], names)) return problem;
  }
  if (auto problem = FindListProblem("that may be first", order.first, names)) return problem;
  if (auto problem = FindListProblem("that may be last", order.last, names)) return problem;
  if (order.empty() || complement.empty()) return std::nullopt;
  return FindStrandProblem(order, complement);
}

bool LabelOrder::MayFollow(int from, int to) const {
  return followers.empty() || Contains(followers[static_cast<std::size_t>(from)], to);
}
bool LabelOrder::MayBeFirst(int id) const { return first.empty() || Contains(first, id); }
bool LabelOrder::MayBeLast(int id) const { return last.empty() || Contains(last, id); }

}  // namespace lockstep
