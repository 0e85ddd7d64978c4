#include <algorithm>
#include <chrono>
#include <ostream>
#include <thread>

#include "base/terminal.h"
#include "base/text.h"
#include "launch/frame/help.h"
#include "launch/report/run_settings.h"
#include "launch/report/watch_screen.h"
#include "launch/run/run_folder.h"
#include "launch/start/launch_check.h"

namespace lockstep {
namespace {

constexpr const char* kUsage =
    "Shows the curves of a run as text, from another terminal while the run goes on. On a "
    "terminal\n"
    "it draws them anew until the run is done (Ctrl-C ends it, not the run); elsewhere it prints\n"
    "them once.\n"
    "  lockstep watch --run RUN\n"
    "  lockstep watch --run RUN --figures loss,gradient_norm --once\n";

constexpr OptionRow kRows[] = {
    {"run RUN", "run folder that `lockstep train` made; the word --run may be left out"},
    {"figures NAMES",
     "figures of metrics.jsonl that are drawn, names between commas; default: loss and the metrics "
     "of validations, as many as there is room for"},
    {"every SECONDS", "seconds between two looks at the run, 0.1 to 3600; default 2"},
    {"once", "prints the curves once, also on a terminal", OptionKind::kSwitch},
};

OptionTable Describe() { return {kRows}; }

double SecondsSince1970() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

// The bounds of the training by RUN/config.toml; none if that cannot be read.
void SetBounds(const std::string& run, WatchScreen* screen) {
  for (const TomlSetting& setting : ReadRunSettings(run, nullptr)) {
    if (setting.key == "train.steps") ReadNumber(setting.value, &screen->last_step);
    if (setting.key == "train.epochs") ReadNumber(setting.value, &screen->last_epoch);
  }
}

// Where the run ended. A done.json that cannot be read says no more than that it did.
void SetEnd(const std::string& run, WatchScreen* screen) {
  if (const auto end = ReadCompletionMark(run)) {
    screen->is_done = true;
    screen->done_step = end->step;
    screen->done_epoch = end->epoch;
  }
}

// The screen that fits the terminal as it is now.
WatchScreen ScreenOf(const Options& options, const std::string& run, bool once) {
  constexpr int kUsualColumns = 80, kNarrowest = 20;
  WatchScreen screen;
  screen.run_folder = run;
  SetBounds(run, &screen);
  SetEnd(run, &screen);
  screen.now = SecondsSince1970();
  screen.figures = options.AtCommas("figures");
  screen.rows = once ? 0 : OutputRows();
  const int columns = OutputColumns();
  screen.style.columns = std::max(kNarrowest, columns == 0 ? kUsualColumns : columns - 1);
  screen.style.braille = LocaleIsUtf8();
  screen.style.colours = OutputHasColours();
  return screen;
}

std::string ScreenText(const RunCurves& run, const WatchScreen& screen) {
  std::string text;
  for (const std::string& line : DrawWatchScreen(run, screen)) text += line + "\n";
  return text;
}

// Draws over what was there: line by line, so that nothing flickers.
void Redraw(const std::string& text, std::ostream& terminal) {
  std::string drawn = "\033[H";
  for (const char c : text) drawn += c == '\n' ? "\033[K\n" : std::string(1, c);
  terminal << drawn << "\033[J" << std::flush;
}

void KeepWatching(const Options& options, const std::string& run, double seconds,
                  std::ostream& terminal) {
  RunCurveReader reader(run);
  terminal << "\033[2J";
  while (terminal) {
    reader.Update();
    const WatchScreen screen = ScreenOf(options, run, false);
    Redraw(ScreenText(reader.curves(), screen), terminal);
    if (screen.is_done) return;
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  }
}

}  // namespace

// DrawWatchScreen leaves no control characters of others in its text.
ExitCode WatchVerb(const Arguments& arguments, std::ostream& screen) {
  const Options options("watch", Describe(), arguments, "run");
  if (PrintsHelp(options, kUsage, Describe())) return ExitCode::kDone;
  RequireOneProcess("watch");
  const std::string run = options.Text("run");
  const double seconds = options.Real("every", 2, 0.1, 3600);
  if (!options.Has("once") && OutputHasCursor()) {
    KeepWatching(options, run, seconds, screen);
  } else {
    screen << ScreenText(ReadRunCurves(run), ScreenOf(options, run, true));
  }
  return ExitCode::kDone;
}

}  // namespace lockstep
