#include "base/file_kind.h"

#include <algorithm>
#include <cctype>

#include "base/error.h"
#include "base/shell_word.h"

namespace lockstep {
namespace {

using std::string_view_literals::operator""sv;

struct Signature {
  std::size_t offset;
  std::string_view bytes;
  FileKind kind;
};

constexpr FileKind kXz = {"compressed with xz", "unpack it with `unxz < {} > FILE`"};
constexpr FileKind kBzip2 = {"compressed with bzip2", "unpack it with `bunzip2 < {} > FILE`"};
constexpr FileKind kTar = {"a tar archive", "unpack it with `tar -xf {}` and name a file of it"};
constexpr FileKind kZip = {"a zip archive (as tables of spreadsheets are, too)",
                           "unpack it with `unzip {}` and name a file of it, or save the table as "
                           "text"};
constexpr FileKind kHtml = {
    "an HTML page, which a server sends instead of a file that it does not give out",
    "look at it with `head {}`, and download the file again"};

constexpr Signature kSignatures[] = {
    {0, "\xFD\x37zXZ\0"sv, kXz},
    {0, "\x28\xB5\x2F\xFD"sv, {"compressed with zstd", "unpack it with `unzstd < {} > FILE`"}},
    {0, "\x04\x22\x4D\x18"sv, {"compressed with lz4", "unpack it with `unlz4 < {} > FILE`"}},
    {0, "LZIP\x01"sv, {"compressed with lzip", "unpack it with `lzip -d < {} > FILE`"}},
    {0, "\x1F\x8B"sv, {"compressed with gzip twice", "unpack it once with `zcat {} > FILE`"}},
    {0, "\x1F\x9D"sv, {"packed with compress", "unpack it with `uncompress < {} > FILE`"}},
    {0, "7z\xBC\xAF\x27\x1C"sv, {"a 7-Zip archive", "unpack it with `7z x {}`"}},
    {0, "Rar!\x1A\x07"sv, {"a RAR archive", "unpack it with `unrar x {}`"}},
    {0, "PK\x03\x04"sv, kZip},
    {0, "PK\x05\x06"sv, kZip},
    {257, "ustar"sv, kTar},
    {0,
     "version https://git-lfs.github.com/spec/"sv,
     {"a pointer of Git LFS, which stands for a file that was not fetched",
      "run `git lfs pull` in the folder of {}"}},
    {0, "%PDF-"sv, {"a PDF document", "save its contents as text"}},
    {0, "{\\rtf"sv, {"a document in rich text (RTF)", "save it as plain text"}},
    {0, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"sv, {"an Office document", "save it as plain text"}},
    {0, "\x89HDF\r\n\x1A\n"sv, {"an HDF5 file", "name the text that it was made from"}},
    {0,
     "MATLAB 7.3 MAT-file"sv,
     {"a MATLAB 7.3 file",
      "save it in MATLAB with `save -v7`, or read {} with h5py and write its "
      "arrays with numpy.savez"}},
    {0, "BAM\x01"sv, {"a BAM file of alignments", "name the FASTA or GFF3 file"}},
    {0, "PAR1"sv, {"a Parquet table", "save it as CSV or as JSON lines"}},
    {0, "SQLite format 3\0"sv, {"an SQLite database", "save the table as CSV"}},
    {0, "\x43\x27\x41\x1A"sv, {"a genome in 2bit form", "convert it with `twoBitToFa {} FILE`"}},
    {0, "\x1A\x41\x27\x43"sv, {"a genome in 2bit form", "convert it with `twoBitToFa {} FILE`"}},
};

// All levels of bzip2 differ in one digit, and an empty file has another mark.
bool IsBzip2(std::string_view text) {
  if (text.size() < 10 || !text.starts_with("BZh") || text[3] < '1' || text[3] > '9') return false;
  return text.substr(4, 6) == "1AY&SY" || text.substr(4, 6) == "\x17\x72\x45\x38\x50\x90"sv;
}

bool StartsAsHtml(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  const auto starts = [&](std::string_view tag) {
    return text.size() >= tag.size() &&
           std::equal(tag.begin(), tag.end(), text.begin(), [](char a, char b) {
             return a == std::tolower(static_cast<unsigned char>(b));
           });
  };
  return starts("<!doctype html") || starts("<html");
}

// Whether every byte is zero at the places that leave `rest` when divided by two, and none of the
// others is.
bool IsZeroAtEverySecond(std::string_view text, std::size_t rest) {
  for (std::size_t i = 0; i < text.size(); ++i)
    if ((text[i] == '\0') != (i % 2 == rest)) return false;
  return true;
}

constexpr FileKind kUtf16 = {"text in UTF-16",
                             "convert it with `iconv -f UTF-16 -t UTF-8 {} > FILE`, or give "
                             "--encoding UTF-16 to a command that has this option"};
constexpr FileKind kUtf16Le = {"text in UTF-16",
                               "convert it with `iconv -f UTF-16LE -t UTF-8 {} > FILE`, or give "
                               "--encoding UTF-16LE to a command that has this option"};
constexpr FileKind kUtf16Be = {"text in UTF-16",
                               "convert it with `iconv -f UTF-16BE -t UTF-8 {} > FILE`, or give "
                               "--encoding UTF-16BE to a command that has this option"};
constexpr FileKind kUtf32 = {"text in UTF-32",
                             "convert it with `iconv -f UTF-32 -t UTF-8 {} > FILE`, or give "
                             "--encoding UTF-32 to a command that has this option"};

}  // namespace

FileKind FileKindOf(std::span<const char> begin) {
  const std::string_view text(begin.data(), begin.size());
  for (const Signature& signature : kSignatures) {
    const std::size_t end = signature.offset + signature.bytes.size();
    if (text.size() >= end && text.substr(signature.offset).starts_with(signature.bytes))
      return signature.kind;
  }
  if (IsBzip2(text)) return kBzip2;
  return StartsAsHtml(text) ? kHtml : FileKind{};
}

FileKind WideTextKindOf(std::span<const char> begin) {
  const std::string_view text(begin.data(), begin.size());
  if (text.starts_with("\xFF\xFE\0\0"sv) || text.starts_with("\0\0\xFE\xFF"sv)) return kUtf32;
  if (text.starts_with("\xFF\xFE"sv) || text.starts_with("\xFE\xFF"sv)) return kUtf16;
  constexpr std::size_t kFewest = 4, kLooked = 64;  // bytes, even numbers
  const std::string_view looked = text.substr(0, std::min(text.size() / 2 * 2, kLooked));
  if (looked.size() < kFewest) return {};
  if (IsZeroAtEverySecond(looked, 1)) return kUtf16Le;
  return IsZeroAtEverySecond(looked, 0) ? kUtf16Be : FileKind{};
}

void RefuseKind(const std::string& path, const FileKind& kind) {
  if (kind.name.empty()) return;
  throw BadData("cannot read {}: it is {}; {}", path, kind.name,
                fmt::format(fmt::runtime(kind.remedy), ShellQuoted(path)));
}

void RefuseWideText(const std::string& path, bool packed, std::span<const char> begin) {
  const FileKind kind = WideTextKindOf(begin);
  if (kind.name.empty() || !packed) return RefuseKind(path, kind);
  // iconv reads no gzip, so it stands behind zcat.
  constexpr std::string_view kCall = "`iconv", kFile = " {} > FILE";
  std::string remedy(kind.remedy);
  remedy.replace(remedy.find(kFile), kFile.size(), " > FILE");
  remedy.replace(remedy.find(kCall), kCall.size(), "`zcat {} | iconv");
  RefuseKind(path, {kind.name, remedy});
}

}  // namespace lockstep
