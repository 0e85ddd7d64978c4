#include "base/foreign_error.h"

#include <filesystem>
#include <new>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace lockstep {
namespace {

Error OfFiles(const std::filesystem::filesystem_error& error) {
  const std::error_code reason = error.code();
  const bool cannot_exist = reason == std::errc::filename_too_long ||
                            reason == std::errc::not_a_directory ||
                            reason == std::errc::too_many_symbolic_link_levels;
  return {cannot_exist ? ExitCode::kMissingInput : ExitCode::kIo,
          fmt::format("cannot reach {}: {}", error.path1().string(), reason.message())};
}

}  // namespace

Error ForeignError(const std::exception& error) {
  if (const auto* of_files = dynamic_cast<const std::filesystem::filesystem_error*>(&error))
    return OfFiles(*of_files);
  if (dynamic_cast<const nlohmann::json::exception*>(&error) != nullptr) {
    return BadData(
        "a JSON text of a corpus, checkpoint or other file that was read has not the form that it "
        "must have ({}); `lockstep verify` says which of your files is damaged",
        error.what());
  }
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr ||
      dynamic_cast<const std::length_error*>(&error) != nullptr) {
    return IoError(
        "out of memory; use a smaller model, fewer sequences in a batch, or fewer --threads and "
        "ranks on each host (`lockstep check` prints what training takes), or more memory");
  }
  return {ExitCode::kInternal, error.what()};
}

}  // namespace lockstep
