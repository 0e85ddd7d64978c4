// The journal of an import of speech: one file per chunk in FOLDER/.import, from which an import
// that was interrupted goes on.
#pragma once

#include <optional>
#include <string>

#include "data/speech/speech_chunk.h"
#include "data/speech/speech_plan.h"

namespace lockstep {

class ImportJournal {
 public:
  explicit ImportJournal(const std::string& out) : out_(out), folder_(out + "/.import") {}

  // Names of files: the record of a chunk, the sums of its speakers, and a prefix for temporary
  // files of a rank.
  std::string RecordFile(std::size_t chunk) const;
  std::string SpeakersFile(std::size_t chunk) const;
  std::string Scratch(int rank) const;

  // What is known of a chunk, if its record is of this plan and its shard is there.
  std::optional<ChunkRecord> Find(std::size_t chunk, const std::string& plan_hash) const;
  // Removes what is of another plan or was not finished; the number of chunks that stay.
  Index Clean(const SpeechPlan& plan) const;
  void Make() const;
  void Remove() const;

 private:
  std::string out_;
  std::string folder_;
};

}  // namespace lockstep
