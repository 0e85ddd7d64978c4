#include "trainer/run_identity.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "worker/kernels/isa.h"

namespace lockstep {
namespace {

// What a run had before its program knew the key.
std::string DefaultOf(const RunIdentity& identity, const std::string& key) {
  const auto found = identity.defaults.find(key);
  return found == identity.defaults.end() ? "not set" : found->second;
}

// Whether two lists of weights, such as "0.50,1" and "0.5,1.0" or "a=2.0" and "a=2", have the same
// names and numbers. Whole numbers are compared as text, because a seed may have more digits than a
// double.
bool SameValue(std::string_view a, std::string_view b) {
  constexpr std::string_view kBorders = ",=";
  while (a != b) {
    const std::size_t a_end = std::min(a.find_first_of(kBorders), a.size());
    const std::size_t b_end = std::min(b.find_first_of(kBorders), b.size());
    const std::string_view a_part = Trim(a.substr(0, a_end)), b_part = Trim(b.substr(0, b_end));
    double a_number = 0, b_number = 0;
    const bool is_name = a_end < a.size() && a[a_end] == '=';
    const bool has_point = a_part.find('.') != a_part.npos || b_part.find('.') != b_part.npos;
    const bool same_numbers = !is_name && has_point && ReadNumber(a_part, &a_number) &&
                              ReadNumber(b_part, &b_number) && a_number == b_number;
    if (a_part != b_part && !same_numbers) return false;
    if (a_end == a.size() || b_end == b.size()) return a_end == a.size() && b_end == b.size();
    if (a[a_end] != b[b_end]) return false;
    a.remove_prefix(a_end + 1);
    b.remove_prefix(b_end + 1);
  }
  return true;
}

// A line for each key that decides bits and differs.
std::string Differences(const RunIdentity& identity, const TrainingState& stored) {
  std::string differences;
  for (const auto& [key, value] : identity.config) {
    if (identity.free_keys.contains(key)) continue;
    const auto found = stored.config.find(key);
    const std::string old = found != stored.config.end() ? found->second : DefaultOf(identity, key);
    if (SameValue(old, value)) continue;
    differences += fmt::format("\n  {} is {} in the run, {} now", key, old, value);
  }
  return differences;
}

}  // namespace

void CheckResumable(const RunIdentity& identity, const std::string& corpus_hash,
                    const TrainingState& stored) {
  const std::string differences = Differences(identity, stored);
  if (!differences.empty()) {
    throw UsageError(
        "run {} (step {}) was started with another configuration:{}\nuse the run's configuration, "
        "or another --run for the new one",
        identity.run_folder, stored.step, differences);
  }
  if (stored.corpus_hash != corpus_hash) {
    throw UsageError(
        "run {} was started on the corpus with hash {}, {} has hash {}; use the run's "
        "corpus, or another --run",
        identity.run_folder, stored.corpus_hash, identity.corpus_folder, corpus_hash);
  }
  if (!SameBits(IsaFromName(stored.isa), IsaFromName(identity.isa))) {
    LogWarning(
        "the run was computed with {} so far and goes on with {}: bits will differ from an "
        "uninterrupted run; numerics.isa = \"{}\" keeps them",
        stored.isa, identity.isa, stored.isa);
  }
}

}  // namespace lockstep
