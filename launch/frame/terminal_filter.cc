#include "launch/frame/terminal_filter.h"

#include "base/text.h"

namespace lockstep {
namespace {

// The first byte of the control characters U+0080 to U+009F in UTF-8.
constexpr char kBeforeControl = '\xC2';

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

// A character that is not whole yet stays: its second byte says whether it is a control character.
bool TerminalFilter::Write() {
  const std::size_t rest = text_.ends_with(kBeforeControl) ? 1 : 0;
  const std::string shown = WithoutControls(std::string_view(text_).substr(0, text_.size() - rest));
  text_.erase(0, text_.size() - rest);
  const auto bytes = static_cast<std::streamsize>(shown.size());
  return target_->sputn(shown.data(), bytes) == bytes;
}

}  // namespace lockstep
