// Judges what the trials of the file system mean for a run.
#include <algorithm>
#include <map>

#include "launch/doctor/file_system.h"

namespace lockstep {
namespace {

constexpr const char* kTopic = "files";
constexpr double kGiB = 1 << 30, kMiB = 1 << 20;
constexpr double kSlowToAppear = 1;  // seconds
constexpr double kFewBytes = kGiB;   // too little free space, if the need is unknown
constexpr double kFewFiles = 1000;
constexpr double kSlowRate = 20 * kMiB;  // bytes per second, that of a very old disk
constexpr double kSlowFile = 0.5;        // seconds

// Returns true if all ranks see the same folder. If not, the other findings make no sense.
bool JudgeSharing(const std::vector<FileFacts>& all, Findings* findings) {
  double slowest = 0;
  for (const FileFacts& facts : all) {
    slowest = std::max(slowest, facts.seen_after_seconds);
    if (facts.seen_after_seconds >= 0) continue;
    AddProblem(
        findings, kTopic, ExitCode::kUsage,
        fmt::format("the run folder is not shared: what rank 0 on {} writes there, rank {} on "
                    "{} does not see",
                    all[0].host, facts.rank, facts.host),
        "choose a --run on a file system that all hosts mount at the same path (df names it)");
    return false;
  }
  if (slowest > kSlowToAppear) {
    AddWarning(findings, kTopic,
               fmt::format("a new file is seen by all ranks only after {:.1f} s", slowest),
               "a file `stop` will act as late; on NFS a shorter acdirmax helps");
  }
  return true;
}

void JudgeLocks(const std::vector<FileFacts>& all, Findings* findings) {
  for (const FileFacts& facts : all) {
    if (facts.lock == "refused") continue;
    const bool elsewhere = facts.host != all[0].host;
    AddWarning(
        findings, kTopic,
        fmt::format("file locks (flock) in the run folder do not work{}, so two jobs could train "
                    "in it at once: rank {} on {} got {}",
                    elsewhere ? " between hosts" : "", facts.rank, facts.host,
                    facts.lock == "granted" ? "a lock that rank 0 holds"
                                            : "the answer \"" + facts.lock + "\""),
        "take care that only one job trains in a run folder (SLURM: --dependency=singleton), "
        "or mount with locks (Lustre: -o flock)");
    break;
  }
  for (const FileFacts& facts : all) {
    if (facts.record == "refused" || facts.record.empty()) continue;
    AddNote(findings, kTopic,
            fmt::format("fcntl locks do not work there (rank {} on {}: {}); lockstep does not use "
                        "them",
                        facts.rank, facts.host, facts.record));
    break;
  }
}

void JudgeRaces(const std::vector<FileFacts>& all, Findings* findings) {
  int won = 0;
  for (const FileFacts& facts : all) won += facts.won;
  if (won == kRaces) return;
  AddProblem(
      findings, kTopic, ExitCode::kIo,
      fmt::format("of {} files that all ranks made exclusively (O_EXCL) at once, {} were made: "
                  "two jobs could both believe that they wrote a checkpoint",
                  kRaces, won),
      "choose a --run on another file system");
}

void JudgeType(const FolderFacts& facts, Findings* findings) {
  if (facts.type == "tmpfs" || facts.type == "ramfs") {
    AddWarning(
        findings, kTopic,
        fmt::format("the run folder lies in memory ({}): its checkpoints end with the machine",
                    facts.type),
        "choose a --run on a disk");
  } else if (facts.type == "overlay") {
    AddNote(findings, kTopic,
            "the run folder is inside the container (overlayfs); its checkpoints are lost when the "
            "container is removed",
            "choose a --run on a volume if the container is not kept");
  }
}

void JudgeSpace(const FolderFacts& facts, Findings* findings) {
  if (facts.needed_bytes > 0 && facts.free_bytes < facts.needed_bytes) {
    AddProblem(findings, kTopic, ExitCode::kCannotCreate,
               fmt::format("the run's checkpoints need {:.0f} MiB, {:.0f} MiB are free",
                           facts.needed_bytes / kMiB, facts.free_bytes / kMiB),
               "make room, lower checkpoint.keep*, or choose another --run");
  } else if (facts.needed_bytes == 0 && facts.free_bytes < kFewBytes) {
    AddWarning(findings, kTopic, fmt::format("only {:.0f} MiB are free", facts.free_bytes / kMiB),
               "give --config and --corpus to learn what the run needs");
  }
  if (facts.free_files >= 0 && facts.free_files < kFewFiles) {
    AddWarning(findings, kTopic,
               fmt::format("only {:.0f} more files can be made", facts.free_files),
               "delete files, or ask for a larger quota of inodes");
  }
}

void JudgeSpeed(const FolderFacts& facts, Findings* findings) {
  const bool slow = facts.write_bytes_per_second < kSlowRate || facts.small_seconds > kSlowFile;
  const std::string text = fmt::format(
      "{}, {:.1f} GiB free; durable writing {:.0f} MiB/s, reading {:.0f} MiB/s, a small file "
      "{:.1f} "
      "ms",
      facts.type, facts.free_bytes / kGiB, facts.write_bytes_per_second / kMiB,
      facts.read_bytes_per_second / kMiB, 1e3 * facts.small_seconds);
  if (slow) {
    AddWarning(findings, kTopic, "saving will be slow: " + text,
               "save less often (checkpoint.every), or choose a --run on a faster file system");
  } else {
    AddOk(findings, kTopic, text);
  }
}

}  // namespace

Findings JudgeSharedFiles(const std::vector<FileFacts>& all) {
  Findings findings;
  if (!JudgeSharing(all, &findings)) return findings;
  JudgeLocks(all, &findings);
  JudgeRaces(all, &findings);
  if (findings.empty()) {
    AddOk(&findings, kTopic,
          all.size() == 1
              ? "locks and exclusive files hold in the run folder"
              : fmt::format("all {} ranks see one run folder; locks and exclusive files "
                            "hold in it",
                            all.size()));
  }
  return findings;
}

Findings JudgeFolder(const FolderFacts& facts) {
  Findings findings;
  JudgeType(facts, &findings);
  JudgeSpace(facts, &findings);
  if (facts.failure != ExitCode::kDone) {
    AddProblem(&findings, kTopic, facts.failure, facts.failed,
               "fix this first (df, quota, mount, permissions), or choose another --run");
  } else {
    JudgeSpeed(facts, &findings);
  }
  return findings;
}

}  // namespace lockstep
