#include "launch/tasks/text/language_parts.h"

#include <fmt/format.h>

#include <sstream>

#include "launch/output/svg_text.h"
#include "launch/tasks/text/score_text.h"
#include "launch/tasks/text/write_text.h"

namespace lockstep {

ReportParts MakeLanguageParts(const Communicator& /*comm*/, const SplitTest& test) {
  constexpr Index kSymbols = 200;
  const SymbolEncoder encoder = EncoderOfRun(test.trained->path, *test.corpus);
  std::string html = fmt::format("<p>{} symbols each, drawn by {} from nothing with seed 1.</p>\n",
                                 kSymbols, XmlText(Describe(*test.trained)));
  for (const double temperature : {0.5, 1.0}) {
    WritingOptions options;
    options.length = kSymbols;
    options.draw.temperature = temperature;
    std::ostringstream text;
    WriteSample(*test.trained, encoder, options, 0, text);
    html += fmt::format("<p>Temperature {}:</p>\n<pre class=\"text\">{}</pre>\n", temperature,
                        XmlLines(text.str()));
  }
  return {{"Generated text", html}};
}

}  // namespace lockstep
