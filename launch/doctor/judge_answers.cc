// Judges the answers of all ranks. An answer is compared with the known one if there is one, and
// otherwise with that of the majority of ranks.
#include <algorithm>
#include <map>
#include <set>

#include "launch/doctor/known_answer.h"
#include "worker/kernels/amx.h"
#include "worker/kernels/bfloat16_route.h"

namespace lockstep {
namespace {

constexpr const char* kTopic = "arithmetic";
constexpr Index kSlotsOfBuiltIn = 8;
constexpr double kSlow = 0.7;  // a rank below this share of the median speed slows down the others

struct BuiltIn {
  const char* what;
  bool fused;  // multiply-add; AVX2 and AVX-512 agree
  const char* hash;
};
// Made on Debian 12 (glibc 2.36, GCC 12); the test of known answers prints them when they differ.
// They are the same with glibc's code for processors with fused multiply-add and without.
constexpr BuiltIn kBuiltIn[] = {{"gru", true, "a0d648613f3f8cbd4e84cb2492367d5c"},
                                {"gru", false, "7f231e8ec4db84dc66a36d99e3b25ad3"},
                                {"lstm", true, "ddebcd59b52c525df148f06c02fe4c36"},
                                {"lstm", false, "92d0030fd38b90087c13c7b1d9ecdfbf"},
                                {"gru bf16", true, "d26fb4bea07850a2d8ac6862a92cde87"},
                                {"gru bf16", false, "2cd049fb4cbc3077f30eaa53f9657536"},
                                {"lstm bf16", true, "78846faabd9ab69bfcbafd74cbf74810"},
                                {"lstm bf16", false, "4053d8192de4cccb8df87e5bbab4ef23"},
                                {"gru bf16-amx", true, "ac14dd76b1c422b0116342ad108e9260"},
                                {"gru bf16-amx", false, "df35f367ee500f213322212695f61c69"},
                                {"lstm bf16-amx", true, "2a2d60b557aa7f996cb442f85de40054"},
                                {"lstm bf16-amx", false, "41114c518280ec8626287ce01f8b5517"}};
constexpr const char* kLibrary = "c9a8e112051bae31e70e3971ddbf50f3";

std::string MostFrequent(const std::vector<std::string>& texts) {
  std::map<std::string, int> counts;
  for (const std::string& text : texts) ++counts[text];
  return std::ranges::max_element(counts, {}, [](const auto& entry) { return entry.second; })
      ->first;
}

std::string Majority(const std::vector<RankAnswers>& all, const std::string& what) {
  std::vector<std::string> hashes;
  for (const RankAnswers& rank : all) {
    for (const Answer& answer : rank.answers) {
      if (answer.what == what) hashes.push_back(answer.hash);
    }
  }
  return MostFrequent(hashes);
}

bool LibraryIsKnown(const RankAnswers& rank) { return rank.library == BuiltInLibrary(); }

std::string Expected(const std::vector<RankAnswers>& all, const std::string& what) {
  const std::string known = BuiltInAnswer(what, all[0].isa);
  const bool comparable =
      !known.empty() && all[0].slots == kSlotsOfBuiltIn && std::ranges::all_of(all, LibraryIsKnown);
  return comparable ? known : Majority(all, what);
}

std::string Place(const RankAnswers& rank) {
  return fmt::format("rank {} on {}", rank.rank, rank.host);
}

bool JudgeLibraries(const std::vector<RankAnswers>& all, Findings* findings) {
  std::vector<std::string> libraries;
  libraries.reserve(all.size());
  for (const RankAnswers& rank : all) libraries.push_back(rank.library);
  const std::string usual = std::ranges::count(libraries, BuiltInLibrary()) > 0
                                ? BuiltInLibrary()
                                : MostFrequent(libraries);
  bool alike = true;
  for (const RankAnswers& rank : all) {
    if (!rank.plain_floats) {
      AddProblem(
          findings, kTopic, ExitCode::kPeerLost,
          Place(rank) + ": floating point rounds differently, or replaces tiny numbers by zero",
          "some library loaded into the program set this (LD_PRELOAD, a plug-in of MPI "
          "built with -ffast-math): leave it out");
    } else if (rank.library != usual) {
      AddProblem(
          findings, kTopic, ExitCode::kPeerLost,
          fmt::format("{}: exponentials and logarithms of its C library ({}) have other bits "
                      "than those of the others",
                      Place(rank), rank.c_library),
          "run all hosts from one system image, and without LD_PRELOAD");
    } else {
      continue;
    }
    alike = false;
  }
  if (alike && usual != BuiltInLibrary()) {
    AddNote(
        findings, kTopic,
        fmt::format("exponentials of this C library ({}) have other bits than those of the known "
                    "answers: ranks are compared with each other only",
                    all[0].c_library));
  }
  return alike;
}

std::string HowTrained(const Answer& answer) {
  return fmt::format("{} on {} thread{}{}", answer.what, answer.threads,
                     answer.threads == 1 ? "" : "s", answer.together ? " of all ranks" : "");
}

// The first wrong answer of a rank among those that it computed alone; null if there is none.
const Answer* WrongAlone(const std::vector<RankAnswers>& all, const RankAnswers& rank) {
  for (const Answer& answer : rank.answers) {
    if (!answer.together && answer.hash != Expected(all, answer.what)) return &answer;
  }
  return nullptr;
}

void AddWrong(const RankAnswers& rank, const Answer& answer, const std::string& expected,
              Findings* findings) {
  AddProblem(
      findings, kTopic, ExitCode::kPeerLost,
      fmt::format("{} computes wrongly: {} gives {}, right is {}; processor or memory of {} "
                  "cannot be trusted",
                  Place(rank), HowTrained(answer), answer.hash.substr(0, 8), expected.substr(0, 8),
                  rank.host),
      fmt::format("leave the host out (`srun --exclude={}`, or strike it from the host file) "
                  "and have it tested",
                  rank.host));
}

// If all hosts give the same wrong answer, they cannot all be broken in the same way, so something
// else must be the reason.
bool AllWrongAlike(const std::vector<RankAnswers>& all, Findings* findings) {
  std::set<std::string> hosts;
  for (const RankAnswers& rank : all) {
    const Answer* wrong = WrongAlone(all, rank);
    if (wrong == nullptr || wrong->hash != Majority(all, wrong->what)) return false;
    hosts.insert(rank.host);
  }
  if (hosts.size() < 2) return false;
  AddProblem(findings, kTopic, ExitCode::kInternal,
             fmt::format("all {} hosts agree on another answer than the known one: this build "
                         "computes otherwise",
                         hosts.size()),
             "build with the options of CMakeLists.txt (no -ffast-math) and run tests/run");
  return true;
}

bool JudgeAlone(const std::vector<RankAnswers>& all, Findings* findings) {
  bool right = true;
  for (const RankAnswers& rank : all) {
    const Answer* wrong = WrongAlone(all, rank);
    if (wrong == nullptr) continue;
    right = false;
    AddWrong(rank, *wrong, Expected(all, wrong->what), findings);
  }
  return right;
}

// Judges the answers that all ranks computed together. Each rank computes correctly alone, so a
// difference must come from the exchange of messages.
void JudgeTogether(const std::vector<RankAnswers>& all, Findings* findings) {
  for (const RankAnswers& rank : all) {
    for (const Answer& answer : rank.answers) {
      if (!answer.together || answer.hash == Expected(all, answer.what)) continue;
      AddProblem(findings, kTopic, ExitCode::kPeerLost,
                 fmt::format("each rank computes rightly alone, but together {} ends with wrong "
                             "parameters ({}): messages between the ranks are damaged",
                             Place(rank), answer.what),
                 "try other network settings (OMPI_MCA_btl=tcp,self) and have the network tested");
      return;
    }
  }
}

void JudgeSpeed(const std::vector<RankAnswers>& all, Findings* findings) {
  std::vector<double> rates;
  rates.reserve(all.size());
  for (const RankAnswers& rank : all) rates.push_back(rank.gigaflops);
  std::ranges::sort(rates);
  const double median = rates[rates.size() / 2];
  for (const RankAnswers& rank : all) {
    if (rank.gigaflops >= kSlow * median) continue;
    AddWarning(findings, kTopic,
               fmt::format("{} multiplies at {:.0f} GFLOP/s, the median rank at {:.0f}: every step "
                           "waits for it",
                           Place(rank), rank.gigaflops, median),
               "look there for other jobs (top), a low clock (cpupower frequency-info) or shared "
               "cores; another host may be better");
  }
  const double gain = std::ranges::min(all, {}, &RankAnswers::bfloat16_gain).bfloat16_gain;
  AddOk(findings, kTopic,
        fmt::format("products: {:.0f} GFLOP/s a rank (slowest {:.0f}, fastest {:.0f}), {}; {}; {}",
                    median, rates.front(), rates.back(), all[0].isa, Bfloat16Text(gain),
                    AmxText(std::ranges::min(all, {}, &RankAnswers::amx_gain).amx_gain)));
}

void AddRight(const std::vector<RankAnswers>& all, Findings* findings) {
  std::set<std::string> kinds;
  bool known = true;
  for (const Answer& answer : all[0].answers) {
    kinds.insert(answer.what);
    known = known && Expected(all, answer.what) == BuiltInAnswer(answer.what, all[0].isa);
  }
  AddOk(findings, kTopic,
        fmt::format("trainings of a few steps ({}) end with {} on every rank, thread count{}",
                    fmt::join(kinds, ", "), known ? "the known parameters" : "the same parameters",
                    all.size() > 1 ? " and on all together" : ""));
}

}  // namespace

std::string BuiltInAnswer(const std::string& what, const std::string& isa) {
  const bool fused = !SameBits(IsaFromName(isa), Isa::kSse4);
  for (const BuiltIn& answer : kBuiltIn) {
    if (what == answer.what && fused == answer.fused) return answer.hash;
  }
  return "";
}

std::string BuiltInLibrary() { return kLibrary; }

Findings JudgeAnswers(const std::vector<RankAnswers>& all) {
  Findings findings;
  // With another C library, answers may differ without anything being broken.
  if (JudgeLibraries(all, &findings) && !AllWrongAlike(all, &findings) &&
      JudgeAlone(all, &findings)) {
    const std::size_t before = findings.size();
    JudgeTogether(all, &findings);
    if (findings.size() == before) AddRight(all, &findings);
  }
  JudgeSpeed(all, &findings);
  return findings;
}

}  // namespace lockstep
