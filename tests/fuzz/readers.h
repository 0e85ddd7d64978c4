// The readers that readers_fuzz tries, by the names that LOCKSTEP_FUZZ_READER chooses from. Each
// reads one hostile file, as often as it has ways to be read, and checks what must hold of whatever
// was read.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace lockstep {

struct Reader {
  std::string_view name;
  void (*read)(const std::string& path);
};

// Files that Lockstep writes, and that others may hand on: corpora, checkpoints, configurations.
std::span<const Reader> StoredReaders();
// Texts, sentences with tags, vocabularies and language models.
std::span<const Reader> TextReaders();
// Sequences, sounds, arrays and manifests.
std::span<const Reader> FieldReaders();

// TensorBoard's event files; one of the stored readers.
void ReadEventFile(const std::string& path);

}  // namespace lockstep
