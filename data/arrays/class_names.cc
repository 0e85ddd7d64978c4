#include "data/arrays/class_names.h"

#include <algorithm>
#include <numeric>

#include "base/error.h"
#include "base/text.h"

namespace lockstep {
namespace {

std::optional<Index> AsInteger(const std::string& name) {
  Index value = 0;
  return ReadNumber(name, &value) ? std::optional(value) : std::nullopt;
}

// The ids in the order of their names.
std::vector<std::int32_t> SortedIds(const std::vector<std::string>& names) {
  std::vector<std::int32_t> ids(names.size());
  std::iota(ids.begin(), ids.end(), 0);
  std::vector<Index> values;
  for (const std::string& name : names) {
    if (const auto value = AsInteger(name)) values.push_back(*value);
  }
  const bool integers = values.size() == names.size();
  std::sort(ids.begin(), ids.end(), [&](std::int32_t a, std::int32_t b) {
    const auto i = static_cast<std::size_t>(a);
    const auto j = static_cast<std::size_t>(b);
    if (integers && values[i] != values[j]) return values[i] < values[j];
    return names[i] < names[j];
  });
  return ids;
}

}  // namespace

ClassNames::ClassNames(std::vector<std::string> given)
    : given_(!given.empty()), names_(std::move(given)) {
  if (names_.size() > kMostClasses) {
    throw UsageError("--classes names {} classes; allowed are at most {}", names_.size(),
                     kMostClasses);
  }
  for (const std::string& name : names_) {
    if (name.empty()) throw UsageError("--classes has an empty name; give each class a name");
    if (!ids_.emplace(name, static_cast<std::int32_t>(ids_.size())).second) {
      throw UsageError("--classes names \"{}\" twice; give each class once", name);
    }
  }
}

std::optional<std::int32_t> ClassNames::IdOf(std::string_view name) {
  key_.assign(name);
  if (const auto found = ids_.find(key_); found != ids_.end()) return found->second;
  if (given_ || names_.size() == kMostClasses) return std::nullopt;
  const auto id = static_cast<std::int32_t>(names_.size());
  ids_.emplace(key_, id);
  names_.push_back(key_);
  return id;
}

std::vector<std::int32_t> ClassNames::Order() const {
  std::vector<std::int32_t> order(names_.size());
  std::iota(order.begin(), order.end(), 0);
  if (given_) return order;
  const std::vector<std::int32_t> sorted = SortedIds(names_);
  for (std::size_t place = 0; place < sorted.size(); ++place) {
    order[static_cast<std::size_t>(sorted[place])] = static_cast<std::int32_t>(place);
  }
  return order;
}

std::vector<std::string> ClassNames::Ordered() const {
  const std::vector<std::int32_t> order = Order();
  std::vector<std::string> ordered(names_.size());
  for (std::size_t id = 0; id < names_.size(); ++id) {
    ordered[static_cast<std::size_t>(order[id])] = names_[id];
  }
  return ordered;
}

}  // namespace lockstep
