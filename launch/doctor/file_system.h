// Tries out the file system of the run folder in the ways in which training uses it: files that
// exist whole or not at all, locks that keep a second job out, and a folder that all ranks share.
#pragma once

#include <string>
#include <vector>

#include "launch/doctor/phase_watch.h"
#include "launch/start/finding.h"

namespace lockstep {

// What one rank sees of a folder that rank 0 has made.
struct FileFacts {
  int rank = 0;
  std::string host;
  double seen_after_seconds = -1;  // when it saw the file that rank 0 had written; negative: never
  std::string lock;    // flock on a file that rank 0 has locked: "refused", "granted", or an error
  std::string record;  // the same with a record lock (fcntl)
  int won = 0;         // how many of kRaces files it made, when all ranks tried at the same time
};
inline constexpr int kRaces = 8;

// What rank 0 finds out alone.
struct FolderFacts {
  std::string path;
  std::string type;  // "nfs", "ext4", ...
  double free_bytes = 0;
  double free_files = -1;             // inodes; negative: the file system does not count them
  double needed_bytes = 0;            // bytes that the checkpoints of the run need; 0: unknown
  double write_bytes_per_second = 0;  // with fsync
  double read_bytes_per_second = 0;
  double small_seconds = 0;  // median time to write a file of 4 KiB durably
  ExitCode failure = ExitCode::kDone;
  std::string failed;  // the error message that training would give
};

// Collective. `folder` is a new folder that rank 0 has made; all ranks pass its path.
FileFacts LookAtSharedFiles(const Communicator& comm, const std::string& host,
                            const std::string& folder, PhaseWatch* watch);
// Rank 0. Writes and reads in `folder`.
FolderFacts MeasureFolder(const std::string& folder, double needed_bytes, PhaseWatch* watch);

Findings JudgeSharedFiles(const std::vector<FileFacts>& all);
Findings JudgeFolder(const FolderFacts& facts);

std::string ToJson(const FileFacts& facts);
FileFacts FileFactsFromJson(const std::string& text);

}  // namespace lockstep
