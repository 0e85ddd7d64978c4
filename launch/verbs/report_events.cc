#include "launch/verbs/report_events.h"

#include <fmt/format.h>

#include <map>

#include "base/error.h"
#include "base/log.h"
#include "launch/output/svg_text.h"
#include "launch/report/event_curves.h"

namespace lockstep {
namespace {

// A table of the scalars, and what could not be read of their files.
ReportPart PartOfEvents(const std::string& path, const EventScalars& scalars) {
  std::string html =
      "<div class=\"wide\"><table>\n<tr><th>scalar</th><th>drawn as</th><th>values</th>"
      "<th>last</th></tr>\n";
  const std::map<std::string, std::string> drawn_as = DrawnAs(scalars);
  for (const auto& [tag, curve] : scalars.by_tag) {
    html += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n", XmlText(tag),
                        XmlText(drawn_as.at(tag)), curve.values.size(),
                        curve.values.empty() ? "" : fmt::format("{:.6g}", curve.values.back()));
  }
  html += "</table></div>\n";
  for (const std::string& problem : scalars.problems)
    html += fmt::format("<p>{}</p>\n", XmlText(problem));
  if (scalars.unreadable_records > 0)
    html +=
        fmt::format("<p>{} damaged records were passed over.</p>\n", scalars.unreadable_records);
  if (scalars.left_out_values > 0)
    html += fmt::format("<p>{} values are too many and left out.</p>\n", scalars.left_out_values);
  return {"Scalars of " + path, html};
}

}  // namespace

void AddEvents(const std::string& path, std::vector<ReportedRun>* runs, ReportParts* parts) {
  const EventScalars scalars = ReadEvents(path);
  for (const std::string& problem : scalars.problems) LogWarning("{}", problem);
  if (scalars.by_tag.empty()) {
    throw BadData("{}: there are no scalars in it; give the folder of the event files of one run",
                  path);
  }
  parts->push_back(PartOfEvents(path, scalars));
  ReportedRun run;
  run.curves = CurvesOfEvents(scalars, NameOfFolder(path));
  runs->push_back(std::move(run));
}

}  // namespace lockstep
