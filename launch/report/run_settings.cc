#include "launch/report/run_settings.h"

#include <filesystem>

#include "base/error.h"

namespace lockstep {

std::vector<TomlSetting> ReadRunSettings(const std::string& run_folder, std::string* problem) {
  const std::string path = run_folder + "/config.toml";
  if (!std::filesystem::exists(path)) return {};
  try {
    return ReadToml(path);
  } catch (const InputError& error) {
    if (problem != nullptr) *problem = error.what();
    return {};
  }
}

}  // namespace lockstep
