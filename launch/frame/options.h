// Command-line options of a verb, on Boost.Program_options: no guessing of abbreviations, and what
// is not known is refused with the verb's own help at hand.
#pragma once

#include <boost/program_options.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/types.h"
#include "launch/frame/verbs.h"

namespace lockstep {

// What a verb was given.
class Options {
 public:
  using Description = boost::program_options::options_description;

  // Parses `arguments`. Throws UsageError on anything that is not described. `positional` names the
  // option that a word without a name goes to, or is empty.
  Options(const std::string& verb, const Description& description, const Arguments& arguments,
          const std::string& positional = "");

  bool Has(const std::string& name) const { return values_.count(name) > 0; }
  // The value; UsageError naming the option when it is not there.
  std::string Text(const std::string& name) const;
  std::optional<std::string> Maybe(const std::string& name) const;
  // The value as a number of at least `lowest`; `otherwise` when it is not there.
  Index Number(const std::string& name, Index otherwise, Index lowest) const;
  std::vector<std::string> List(const std::string& name) const;

 private:
  std::string verb_;
  boost::program_options::variables_map values_;
};

}  // namespace lockstep
