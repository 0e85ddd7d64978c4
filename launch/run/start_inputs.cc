#include "launch/run/start_inputs.h"

#include <filesystem>

#include "base/error.h"
#include "launch/frame/stored_path.h"

namespace lockstep {

void RequireStartInputs(const RunConfig& run) {
  if (run.start_from != "none") RequireRunFolder(run.start_from);
  std::error_code error;
  if (run.embeddings == "none" || std::filesystem::exists(run.embeddings, error)) return;
  throw MissingInput("model.embeddings: there is no file {}", run.embeddings);
}

}  // namespace lockstep
