#include "launch/frame/terminal_filter.h"

#include <fmt/format.h>

#include "base/text.h"
#include "base/utf8.h"

namespace lockstep {
namespace {

// How many bytes at the end may begin a control character of two bytes (U+0080 to U+009F) or an
// override of the direction.
std::size_t UnfinishedBytes(std::string_view text) {
  if (text.ends_with("\xE2\x80") || text.ends_with("\xE2\x81")) return 2;
  return text.ends_with('\xC2') || text.ends_with('\xE2') ? 1 : 0;
}

// U+202A to U+202E and U+2066 to U+2069 let what stands before and behind them change places, so
// that a name looks like another one.
bool ChangesDirection(std::string_view point) {
  return ("\xE2\x80\xAA" <= point && point <= "\xE2\x80\xAE") ||
         ("\xE2\x81\xA6" <= point && point <= "\xE2\x81\xA9");
}

std::string WithoutDirections(std::string_view text) {
  std::string shown;
  for (std::size_t at = text.find('\xE2'); at != text.npos; at = text.find('\xE2')) {
    shown += text.substr(0, at);
    text.remove_prefix(at);
    const std::string_view point = text.substr(0, 3);
    const bool hides = point.size() == 3 && ChangesDirection(point);
    shown += hides ? fmt::format("<U+{:04X}>", static_cast<unsigned>(DecodeCodePoint(point)))
                   : std::string(1, text.front());
    text.remove_prefix(hides ? 3 : 1);
  }
  return shown.append(text);
}

}  // namespace

TerminalFilter::TerminalFilter(std::ostream* stream, bool is_terminal)
    : stream_(*stream), raw_(stream->rdbuf()) {
  if (is_terminal) target_ = stream_.rdbuf(this);
}

TerminalFilter::~TerminalFilter() {
  if (target_ == nullptr) return;
  Write();
  target_->sputn(text_.data(), static_cast<std::streamsize>(text_.size()));
  target_->pubsync();
  stream_.rdbuf(target_);
}

TerminalFilter::int_type TerminalFilter::overflow(int_type c) {
  if (traits_type::eq_int_type(c, traits_type::eof())) return traits_type::not_eof(c);
  const char byte = traits_type::to_char_type(c);
  return xsputn(&byte, 1) == 1 ? c : traits_type::eof();
}

std::streamsize TerminalFilter::xsputn(const char* text, std::streamsize count) {
  text_.append(text, static_cast<std::size_t>(count));
  return text_.find('\n') == std::string::npos || Write() ? count : 0;
}

int TerminalFilter::sync() { return Write() && target_->pubsync() == 0 ? 0 : -1; }

// A character that is not whole yet stays: its last byte says what it is.
bool TerminalFilter::Write() {
  const std::size_t rest = UnfinishedBytes(text_);
  const std::string shown =
      WithoutDirections(WithoutControls(std::string_view(text_).substr(0, text_.size() - rest)));
  text_.erase(0, text_.size() - rest);
  const auto bytes = static_cast<std::streamsize>(shown.size());
  return target_->sputn(shown.data(), bytes) == bytes;
}

}  // namespace lockstep
