// Changes JSON documents as documents for libFuzzer, so that one thing is wrong and all others are
// right: changed bytes alone would rarely come past the parser. Of the readers that get none, and
// for each fourth input, libFuzzer changes bytes.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <string_view>
#include <vector>

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

namespace {

using Json = nlohmann::json;
using Draws = std::minstd_rand;

std::size_t Below(Draws* draws, std::size_t n) { return (*draws)() % std::max<std::size_t>(n, 1); }

void Collect(Json* node, std::vector<Json*>* nodes) {
  nodes->push_back(node);
  for (Json& child : *node) {
    if (node->is_structured()) Collect(&child, nodes);
  }
}

Json DrawnNumber(Draws* draws, const Json& before) {
  const std::int64_t value = before.is_number_integer() ? before.get<std::int64_t>() : 0;
  const auto wrapped = [&](std::uint64_t by) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(value) + by);
  };
  const Json choices[] = {0,
                          1,
                          -1,
                          2,
                          3,
                          4,
                          255,
                          256,
                          65537,
                          1.5,
                          -1e300,
                          1 << 20,
                          (1 << 20) + 1,
                          std::numeric_limits<std::int32_t>::max(),
                          std::numeric_limits<std::int64_t>::max(),
                          std::numeric_limits<std::int64_t>::min(),
                          std::numeric_limits<std::uint64_t>::max(),
                          wrapped(1),
                          wrapped(static_cast<std::uint64_t>(-1)),
                          wrapped(static_cast<std::uint64_t>(value))};
  return choices[Below(draws, std::size(choices))];
}

Json DrawnText(Draws* draws) {
  constexpr const char* kTexts[] = {"",      "..",     "a/b",      ".h",        "x",
                                    "uint8", "int32",  "float32",  "step",      "list",
                                    "input", "target", "sequence", "own_steps", "list_in_step",
                                    "inf",   "1",      "train",    "valid",     "\x7f"};
  return kTexts[Below(draws, std::size(kTexts))];
}

Json DrawnValue(Draws* draws, const std::vector<Json*>& nodes) {
  const Json others[] = {nullptr,
                         true,
                         false,
                         Json::object(),
                         Json::array(),
                         0,
                         Json::array({0}),
                         *nodes[Below(draws, nodes.size())]};
  return others[Below(draws, std::size(others))];
}

// Removes, repeats or adds a member.
void ChangeMembers(Json* node, Draws* draws, const std::vector<Json*>& nodes) {
  const std::size_t at = Below(draws, node->size());
  if (node->is_array()) {
    const Json copy = node->empty() ? DrawnValue(draws, nodes) : (*node)[at];
    Below(draws, 2) == 0 && !node->empty() ? node->erase(at) : node->push_back(copy);
    return;
  }
  if (!node->empty() && Below(draws, 3) > 0) {
    node->erase(std::next(node->begin(), static_cast<std::ptrdiff_t>(at)));
    return;
  }
  const Json& other = *nodes[Below(draws, nodes.size())];
  if (!other.is_object() || other.empty()) return;
  const auto taken =
      std::next(other.begin(), static_cast<std::ptrdiff_t>(Below(draws, other.size())));
  const std::string key = taken.key();
  const Json value = taken.value();
  (*node)[key] = value;
}

void Change(Json* document, Draws* draws) {
  std::vector<Json*> nodes;
  Collect(document, &nodes);
  Json* const node = nodes[Below(draws, nodes.size())];
  if (Below(draws, 8) == 0) {
    *node = Json(DrawnValue(draws, nodes));
  } else if (node->is_structured()) {
    ChangeMembers(node, draws, nodes);
  } else if (node->is_number()) {
    *node = DrawnNumber(draws, *node);
  } else {
    *node = node->is_boolean() ? Json(!node->get<bool>()) : DrawnText(draws);
  }
}

bool ReadsJson() {
  const char* const name = std::getenv("LOCKSTEP_FUZZ_READER");
  return name != nullptr &&
         (name == std::string_view("corpus") || name == std::string_view("state"));
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t most, unsigned seed) {
  static const bool reads_json = ReadsJson();
  Draws draws(seed);
  draws.discard(2);
  if (!reads_json || Below(&draws, 4) == 0) return LLVMFuzzerMutate(data, size, most);
  Json document = Json::parse(data, data + size, nullptr, /*allow_exceptions=*/false);
  if (!document.is_structured()) return LLVMFuzzerMutate(data, size, most);
  for (std::size_t changes = 1 + Below(&draws, 2); changes > 0; --changes)
    Change(&document, &draws);
  const std::string text = document.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() > most) return LLVMFuzzerMutate(data, size, most);
  std::copy(text.begin(), text.end(), data);
  return text.size();
}
