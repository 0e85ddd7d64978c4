#include "launch/tasks/translation/source_lines.h"

#include <iostream>

#include "base/error.h"
#include "base/utf8.h"

namespace lockstep {
namespace {

void RequireUtf8(const std::string& line, const std::string& place) {
  for (std::string_view rest = line; !rest.empty();) {
    const std::string_view point = FirstCodePoint(rest);
    if (point.empty() || point.front() == '\0') {
      throw BadData(
          "{}: byte 0x{:02x} at column {} is no UTF-8 text; convert the input, for example with "
          "`iconv -f ISO-8859-1 -t UTF-8`",
          place, static_cast<unsigned char>(rest.front()), line.size() - rest.size() + 1);
    }
    rest.remove_prefix(point.size());
  }
}

}  // namespace

SourceLines::SourceLines(const std::string& path) : path_(path == "-" ? "standard input" : path) {
  if (path != "-") file_.emplace(path);
}

bool SourceLines::Next(std::string* line) {
  if (file_) {
    std::string_view view;
    if (!file_->Next(&view)) return false;
    *line = view;
    line_number_ = file_->line_number();
    return true;
  }
  if (!std::getline(std::cin, *line)) return false;
  ++line_number_;
  if (line->ends_with('\r')) line->pop_back();
  RequireUtf8(*line, Place());
  return true;
}

std::string SourceLines::Place() const { return fmt::format("{}:{}", path_, line_number_); }

double SourceLines::share_read() const { return file_ ? file_->share_read() : -1; }

}  // namespace lockstep
