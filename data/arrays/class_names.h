// The classes that appear in the data: names to ids while reading, and the order that they get in
// the corpus.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/types.h"

namespace lockstep {

// Label of a step or sequence whose class is not known.
inline constexpr std::int32_t kMissingLabel = -1;
// Label of a value that would be one class more than ClassNames::kMostClasses.
inline constexpr std::int32_t kTooManyLabels = -2;

class ClassNames {
 public:
  // More distinct values than this are no classes: the column holds a number or a text.
  static constexpr std::size_t kMostClasses = 65536;

  // Without names every name that is met becomes a class. With names there are no others, and their
  // order is kept. UsageError for a name that is given twice or is empty.
  explicit ClassNames(std::vector<std::string> given = {});

  // The id of a name, by first appearance. Nothing for a name that is not among those given, or
  // when there would be more than kMostClasses.
  std::optional<std::int32_t> IdOf(std::string_view name);

  const std::vector<std::string>& names() const { return names_; }  // by id
  bool given() const { return given_; }
  // Place of each id in the corpus: as given; otherwise by value where all names are integers, else
  // by bytes. So the corpus does not depend on the order of the files.
  std::vector<std::int32_t> Order() const;
  // The names in that order.
  std::vector<std::string> Ordered() const;

 private:
  bool given_;
  std::vector<std::string> names_;
  std::unordered_map<std::string, std::int32_t> ids_;
  std::string key_;  // kept so that a look-up does not allocate
};

}  // namespace lockstep
