// The file system of the run folder, tried out the way training uses it: files that are there whole
// or not at all, locks that keep a second job out, and one folder that all ranks see.
#pragma once

#include <string>
#include <vector>

#include "launch/doctor/phase_watch.h"
#include "launch/start/finding.h"

namespace lockstep {

// What a rank sees of a folder that rank 0 made.
struct FileFacts {
  int rank = 0;
  std::string host;
  double seen_after_seconds = -1;  // the file that rank 0 wrote before; negative: not at all
  std::string lock;    // flock on a file that rank 0 has locked: "refused", "granted", or an error
  std::string record;  // the same by fcntl
  int won = 0;         // of kRaces files that all ranks make exclusively at once
};
inline constexpr int kRaces = 8;

// What rank 0 finds alone.
struct FolderFacts {
  std::string path;
  std::string type;  // "nfs", "ext4", ...
  double free_bytes = 0;
  double free_files = -1;             // inodes; negative: the file system does not count them
  double needed_bytes = 0;            // for the checkpoints of the run; 0: not known
  double write_bytes_per_second = 0;  // with fsync
  double read_bytes_per_second = 0;
  double small_seconds = 0;  // median to make a file of 4 KiB durable
  ExitCode failure = ExitCode::kDone;
  std::string failed;  // what went wrong, as training would say it
};

// Collective. `folder` is a new one that rank 0 made and all know the path of.
FileFacts LookAtSharedFiles(const Communicator& comm, const std::string& host,
                            const std::string& folder, PhaseWatch* watch);
// Rank 0. Writes and reads in `folder`.
FolderFacts MeasureFolder(const std::string& folder, double needed_bytes, PhaseWatch* watch);

Findings JudgeSharedFiles(const std::vector<FileFacts>& all);
Findings JudgeFolder(const FolderFacts& facts);

std::string ToJson(const FileFacts& facts);
FileFacts FileFactsFromJson(const std::string& text);

}  // namespace lockstep
