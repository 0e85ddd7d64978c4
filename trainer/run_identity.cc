#include "trainer/run_identity.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/log.h"
#include "worker/kernels/isa.h"

namespace lockstep {
namespace {

// What a run had before its program knew the key.
std::string DefaultOf(const RunIdentity& identity, const std::string& key) {
  const auto found = identity.defaults.find(key);
  return found == identity.defaults.end() ? "not set" : found->second;
}

// A line for each key that decides bits and differs.
std::string Differences(const RunIdentity& identity, const TrainingState& stored) {
  std::string differences;
  for (const auto& [key, value] : identity.config) {
    if (identity.free_keys.contains(key)) continue;
    const auto found = stored.config.find(key);
    const std::string old = found != stored.config.end() ? found->second : DefaultOf(identity, key);
    if (old == value) continue;
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
