#include "launch/output/part_file.h"

#include <unistd.h>

#include <filesystem>

#include "base/durable_file.h"
#include "base/error.h"
#include "base/output_name.h"
#include "base/own_file.h"
#include "base/signal_cleanup.h"

namespace lockstep {

namespace fs = std::filesystem;

PartFile::PartFile(const std::string& path) : path_(path) {
  if (path.empty()) throw UsageError("the name of a file to write is empty; give one");
  const fs::path target(path);
  const fs::path folder = target.has_parent_path() ? target.parent_path() : fs::path(".");
  if (IsTaken(path)) {
    throw IoError(fmt::format("cannot create {}: it exists; delete it or give another name", path),
                  ExitCode::kCannotCreate);
  }
  if (!fs::is_directory(folder)) {
    throw IoError(fmt::format("cannot create {}: there is no folder {}; make it first", path,
                              folder.string()),
                  ExitCode::kCannotCreate);
  }
  temporary_path_ = CreateTemporary(path);
  RemoveOnSignal(temporary_path_);
}

PartFile::~PartFile() {
  ::unlink(temporary_path_.c_str());
  KeepOnSignal(temporary_path_);
}

void PartFile::Publish() { PublishFile(temporary_path_, path_); }

}  // namespace lockstep
