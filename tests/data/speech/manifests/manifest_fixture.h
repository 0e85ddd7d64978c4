// Writes manifests into a folder and reads them.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "data/speech/manifests/manifest_formats.h"
#include "tests/support/temp_folder.h"

namespace lockstep {

class Manifest : public testing::Test {
 protected:
  // Writes a file below the folder; returns its path.
  std::string Write(const std::string& name, const std::string& text) {
    const std::filesystem::path path = folder_ / name;
    std::filesystem::create_directories(path.parent_path());
    Spill(path.string(), text);
    return path.string();
  }
  std::vector<Utterance> ReadAll(const ManifestSpec& spec) {
    const auto reader = OpenManifest(spec);
    std::vector<Utterance> utterances;
    for (Utterance utterance; reader->Next(&utterance);) utterances.push_back(utterance);
    remarks_ = reader->Remarks();
    notes_ = reader->Notes();
    return utterances;
  }
  std::vector<Utterance> Read(const std::string& path) { return ReadAll({path, "", ""}); }

  TempFolder folder_;
  std::vector<std::string> remarks_;
  std::vector<std::string> notes_;
};

}  // namespace lockstep
