// Files that are there whole or not at all, also after a kill or a power cut: exclusive temporary
// name, write, fsync, close, rename without replacing, fsync of the folder. Only when the call
// returns is the file "saved". Temporary names begin with ".tmp-".
#pragma once

#include <span>
#include <string>
#include <vector>

namespace lockstep {

// Writes the pieces one after the other as the new file `path`. IoError (path, errno text, bytes)
// when anything fails, also when `path` exists; nothing is left behind but at worst a temporary
// file.
void WriteDurably(const std::string& path, std::span<const std::span<const std::byte>> pieces);
void WriteDurably(const std::string& path, const std::string& text);

// The same, but a file that exists is replaced at once and whole.
void ReplaceDurably(const std::string& path, const std::string& text);

// Gives a closed file its final name: fsync, rename without replacing, fsync of the folder.
void PublishFile(const std::string& temporary_path, const std::string& path);

// Makes the folder (and those above it) when it is missing.
void MakeFolder(const std::string& path);

// The whole file; MissingInput or IoError with the path.
std::vector<std::byte> ReadBytes(const std::string& path);
std::string ReadTextFile(const std::string& path);

}  // namespace lockstep
