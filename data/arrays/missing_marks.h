// What stands for a value that is missing: the usual words, and what the user names by --missing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lockstep {

class MissingMarks {
 public:
  // `given` are words or numbers. A number stands for a missing value however it is written: -999
  // and -999.0 are the same.
  explicit MissingMarks(std::vector<std::string> given = {});

  // Whether a cell of a table is missing: it is empty, one of the usual words (NA, N/A, NaN, null
  // and ?), or one of those given. White space at its ends does not count.
  bool Has(std::string_view cell) const;
  // Whether a number is missing: NaN, or one of the numbers given.
  bool Has(double value) const;

  const std::vector<std::string>& given() const { return given_; }

 private:
  std::vector<std::string> given_;
  std::vector<double> numbers_;
};

}  // namespace lockstep
