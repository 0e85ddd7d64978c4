// What a run is about, for its checkpoints: where it lies, and the configuration, corpus and
// instruction set that decide its bits.
#pragma once

#include <map>
#include <set>
#include <string>

#include "trainer/save/start_values.h"
#include "trainer/save/training_state.h"
#include "trainer/watch/run_owner.h"

namespace lockstep {

// The names and settings by which a run is known. They are stored in its checkpoints and compared
// when it is resumed.
struct RunIdentity {
  std::string corpus_folder;
  std::string run_folder;
  std::map<std::string, std::string> config;    // the resolved configuration, by key
  std::set<std::string> free_keys;              // keys that may differ from those of a checkpoint
  std::map<std::string, std::string> defaults;  // for keys that an old checkpoint does not have
  std::string code_version;
  std::string isa;
  // What a new run starts with; null: values drawn from the seed. Used in the constructor only.
  const StartValues* start_values = nullptr;
  const RunOwner* owner = nullptr;  // rank 0's right to write; null: no other start can take it
};

// Whether a run may go on from the checkpoint `stored`, now that its corpus has `corpus_hash`.
// UsageError where a key that decides bits, or the corpus, is another one; a warning where the
// instruction set changes bits.
void CheckResumable(const RunIdentity& identity, const std::string& corpus_hash,
                    const TrainingState& stored);

}  // namespace lockstep
