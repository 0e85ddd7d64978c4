#include "worker/decode/arpa_file.h"

#include <boost/container/static_vector.hpp>
#include <cmath>
#include <optional>

#include "base/error.h"
#include "base/text.h"
#include "worker/decode/decoder_lines.h"

namespace lockstep {
namespace {

constexpr double kLog10 = 2.302585092994045684;  // ln 10
constexpr std::size_t kMostFields = NgramModel::kHighestOrder + 2;
using Fields = boost::container::static_vector<std::string_view, kMostFields + 1>;

// Splits a line into fields. Stops one field beyond the most that a line may have, which is enough
// to see that it has too many.
Fields Split(std::string_view line) {
  constexpr std::string_view kSpaces = " \t";
  Fields fields;
  std::size_t begin = line.find_first_not_of(kSpaces);
  while (begin != std::string_view::npos && fields.size() < fields.capacity()) {
    const std::size_t end = std::min(line.find_first_of(kSpaces, begin), line.size());
    fields.push_back(line.substr(begin, end - begin));
    begin = line.find_first_not_of(kSpaces, end);
  }
  return fields;
}

template <typename Number>
std::optional<Number> ParseNumber(std::string_view text) {
  Number value{};
  return ReadNumber(text, &value) ? std::optional(value) : std::nullopt;
}

class ArpaReader {
 public:
  explicit ArpaReader(const std::string& path) : lines_(path) {}

  NgramModel Read() {
    SkipPreamble();
    ReadCounts();
    for (Index n = 1; n <= order(); ++n) ReadSection(n);
    Expect("\\end\\");
    return builder_.Finish();
  }

 private:
  Index order() const { return static_cast<Index>(declared_.size()); }

  template <typename... Args>
  [[noreturn]] void Fail(fmt::format_string<Args...> format, Args&&... args) const {
    const std::string problem = fmt::format(format, std::forward<Args>(args)...);
    if (lines_.line_number() == 0) throw BadData("{}: {}", lines_.path(), problem);  // empty file
    throw BadData("{}:{}: {}", lines_.path(), lines_.line_number(), problem);
  }

  void SkipPreamble() {
    constexpr Index kMostLines = 100000;  // of what is passed over, which is a few in real files
    while (lines_.line_number() < kMostLines && lines_.Next(&line_)) {
      if (Split(line_) == Fields{"\\data\\"}) return;
    }
    Fail("{} without a line \\data\\; it is no ARPA model. Make one with lockstep prepare lm",
         lines_.line_number() < kMostLines ? "the file ends"
                                           : fmt::format("the first {} lines are", kMostLines));
  }

  // Goes to the next line that is not empty. `wanted` is what should come, for the error message.
  void NextLine(const std::string& wanted) {
    do {
      if (!lines_.Next(&line_)) {
        Fail("the file ends where {} should follow; it was cut short, make or fetch it again",
             wanted);
      }
      fields_ = Split(line_);
    } while (fields_.empty());
  }

  void Expect(const std::string& header) {
    if (fields_ != Fields{std::string_view(header)}) {
      Fail(
          "found \"{}\", expected {}; sections stand in ascending order, each declared by a line "
          "`ngram N=COUNT`",
          line_.substr(0, 80), header);
    }
  }

  // Reads the lines `ngram N=COUNT` up to the first section.
  void ReadCounts() {
    for (NextLine("ngram 1="); fields_[0] == "ngram"; NextLine("\\1-grams:")) {
      const std::size_t equals = line_.find('=');
      const std::size_t begin = line_.find_first_of("0123456789");
      if (equals == std::string_view::npos || begin > equals) FailCount();
      const auto n = ParseNumber<Index>(Trimmed(line_.substr(begin, equals - begin)));
      const auto count = ParseNumber<Index>(Trimmed(line_.substr(equals + 1)));
      if (!n || !count || *count < 0) FailCount();
      DeclareOrder(*n, *count);
    }
    if (declared_.empty()) Fail("found \"{}\", expected `ngram 1=COUNT`", line_.substr(0, 80));
  }

  void DeclareOrder(Index n, Index count) {
    if (n != order() + 1) {
      Fail("`ngram {}=` follows order {}; expected `ngram {}=`", n, order(), order() + 1);
    }
    if (n > NgramModel::kHighestOrder) {
      Fail("order {}; models up to order {} can be read. Make one of lower order", n,
           NgramModel::kHighestOrder);
    }
    declared_.push_back(count);
  }

  [[noreturn]] void FailCount() const {
    Fail("found \"{}\", expected `ngram N=COUNT`", line_.substr(0, 80));
  }

  static std::string_view Trimmed(std::string_view text) {
    const Fields fields = Split(text);
    return fields.size() == 1 ? fields[0] : std::string_view();
  }

  void ReadSection(Index n) {
    Expect(fmt::format("\\{}-grams:", n));
    Index found = 0;
    const std::string wanted = n < order() ? fmt::format("\\{}-grams:", n + 1) : "\\end\\";
    for (NextLine(wanted); !IsHeader(); NextLine(wanted)) {
      ReadNgram(n);
      ++found;
    }
    if (found != declared_[static_cast<std::size_t>(n - 1)]) {
      Fail(
          "{} {}-grams stand above, `ngram {}={}` is declared; the file was cut short or edited, "
          "make or fetch it again",
          found, n, n, declared_[static_cast<std::size_t>(n - 1)]);
    }
  }

  // True for a section header; the line of an n-gram begins with a number.
  bool IsHeader() const { return fields_[0][0] == '\\'; }

  void ReadNgram(Index n) {
    const auto words = static_cast<std::size_t>(n);
    if (fields_.size() != words + 1 && fields_.size() != words + 2) {
      Fail("{} fields, expected log10 of a probability, {} word{} and at most a backoff weight",
           fields_.size(), n, n == 1 ? "" : "s");
    }
    const double log_prob = LogProb(fields_[0]);
    const double backoff = fields_.size() == words + 2 ? Backoff(fields_.back(), n) : 0;
    const bool is_new = n == 1 ? builder_.AddWord(fields_[1], log_prob, backoff)
                               : AddNgram(words, log_prob, backoff);
    if (!is_new) Fail("the {}-gram \"{}\" is given twice; leave one out", n, NgramText(words));
  }

  double LogProb(std::string_view text) const {
    const auto value = ParseNumber<double>(text);
    if (!value || !std::isfinite(*value) || *value > 0) {
      Fail(
          "\"{}\" is no logarithm of a probability; allowed are finite numbers up to 0 (-99 stands "
          "for "
          "never)",
          text);
    }
    return *value * kLog10;
  }

  double Backoff(std::string_view text, Index n) const {
    const auto value = ParseNumber<double>(text);
    if (!value || !std::isfinite(*value)) {
      Fail("\"{}\" is no backoff weight; allowed are numbers (log10)", text);
    }
    if (n == order() && *value != 0) {
      Fail("an n-gram of the highest order, {}, has the backoff weight {}; leave it out", n, text);
    }
    return *value * kLog10;
  }

  bool AddNgram(std::size_t words, double log_prob, double backoff) {
    boost::container::static_vector<NgramModel::Word, kMostFields> numbers;
    for (std::size_t i = 1; i <= words; ++i) {
      numbers.push_back(builder_.FindWord(fields_[i]));
      if (numbers.back() == NgramModel::kNoWord) {
        Fail("\"{}\" is no 1-gram; all words of longer n-grams must be", fields_[i]);
      }
    }
    return builder_.AddNgram(std::span(numbers.data(), numbers.size()), log_prob, backoff);
  }

  std::string NgramText(std::size_t words) const {
    return fmt::format("{}",
                       fmt::join(fields_.begin() + 1,
                                 fields_.begin() + 1 + static_cast<std::ptrdiff_t>(words), " "));
  }

  DecoderLines lines_;
  std::string_view line_;
  Fields fields_;  // the fields of the current line
  std::vector<Index> declared_;
  NgramModelBuilder builder_;
};

}  // namespace

NgramModel ReadArpa(const std::string& path) { return ArpaReader(path).Read(); }

}  // namespace lockstep
