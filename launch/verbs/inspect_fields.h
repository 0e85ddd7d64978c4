// What `inspect` can tell of each kind of file, as JSON objects in the order they are shown. Names
// are those that the files themselves use (trainer/save/training_state.h,
// data/corpus/shard_format.h).
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "launch/frame/stored_path.h"

namespace lockstep {

// Reads what `path` holds. Checkpoints and the tables of a shard are checked against their hashes
// on the way; records are not (that is what `verify` does).
nlohmann::ordered_json InspectFields(const StoredPath& path);

// A value and its name, with dots between the levels: "sequences.train".
struct ShownField {
  std::string name;
  nlohmann::ordered_json value;
  bool is_leaf = true;  // no object with fields of its own
};
// All fields at all levels, in order; an object stands before its members.
std::vector<ShownField> Flatten(const nlohmann::ordered_json& object);

// Text without quotes, other values as JSON.
std::string BareText(const nlohmann::ordered_json& value);

}  // namespace lockstep
