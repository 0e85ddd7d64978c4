// Where two JSON documents differ, for messages: documents may hold long lists, of which a reader
// needs only the first value that is another one.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace lockstep {

// "/mean/3 is 1.5, that of the other 1.25" for the first place, in the order of keys and elements,
// at which the documents differ; "/mean is only in the other" if `own` has no such member. The
// place is a JSON pointer; lists and objects are not shown whole. `whose` is how the text calls the
// second document. Empty for equal documents.
std::string JsonDifference(const nlohmann::json& own, const nlohmann::json& other,
                           const std::string& whose);

}  // namespace lockstep
