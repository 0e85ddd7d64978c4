// Files that are there whole or not at all, also after a kill or a power cut: exclusive temporary
// name, write, fsync, close, rename without replacing, fsync of the folder. Only when the call
// returns is the file "saved". Temporary names begin with ".tmp-".
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/function_ref.h"
#include "base/types.h"

namespace lockstep {

// Writes the pieces one after the other as the new file `path`. IoError (path, errno text, bytes)
// when anything fails, also when `path` exists. Then `path` is not there (unless a power cut brings
// it back, whole) and at worst a temporary file is left.
void WriteDurably(const std::string& path, std::span<const std::span<const std::byte>> pieces);
// `before_commit` is called when all is on the disk and only the name is missing; it throws to
// refuse it.
void WriteDurably(const std::string& path, std::span<const std::span<const std::byte>> pieces,
                  FunctionRef<void()> before_commit);
void WriteDurably(const std::string& path, const std::string& text);

// The same, but a file that exists is replaced at once and whole. After an error it holds the old
// text or the new one.
void ReplaceDurably(const std::string& path, std::span<const std::span<const std::byte>> pieces,
                    FunctionRef<void()> before_commit);
void ReplaceDurably(const std::string& path, const std::string& text);
void ReplaceDurably(const std::string& path, const std::string& text,
                    FunctionRef<void()> before_commit);

// Puts a copy of the first `bytes` in the place of the file, which has as many: whoever has it open
// from before writes to a file that has no name any more. Without a file it makes an empty one.
// `before_commit` as above.
void CutToCopy(const std::string& path, Index bytes, FunctionRef<void()> before_commit);

// Gives a closed file its final name: fsync, rename without replacing, fsync of the folder. After
// an error `path` is not there.
void PublishFile(const std::string& temporary_path, const std::string& path);

// Deletes a file for good; one that is missing is no error.
void RemoveDurably(const std::string& path);

// Makes names that were given or taken away in the folder durable. IoError when that fails.
void SyncFolder(const std::string& folder);

// Makes the folder (and those above it) when it is missing. Its name is durable then; the names of
// those above it are when they were made here.
void MakeFolder(const std::string& path);

// The whole file. MissingInput, BadData when no regular file is behind the name, IoError when it
// cannot be read though tried again.
std::vector<std::byte> ReadBytes(const std::string& path);
std::string ReadTextFile(const std::string& path);

}  // namespace lockstep
