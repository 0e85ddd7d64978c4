#include "launch/start/finding.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace lockstep {
namespace {

Findings Some() {
  Findings findings;
  AddOk(&findings, "launch", "all well");
  AddWarning(&findings, "files", "slow", "a faster disk");
  AddProblem(&findings, "machine", ExitCode::kPeerLost, "broken", "another host");
  AddProblem(&findings, "files", ExitCode::kIo, "full", "make room");
  return findings;
}

TEST(Findings, WhatMustBeMendedComesFirst) {
  EXPECT_EQ(ReportText(Some(), 2),
            "problem  machine    broken\n"
            "                    -> another host\n"
            "problem  files      full\n"
            "                    -> make room\n"
            "warning  files      slow\n"
            "                    -> a faster disk\n"
            "ok       launch     all well\n"
            "do not train yet: 2 problems, 1 warning, 2.0 s; exit code 76\n");
}

TEST(Findings, TheFirstProblemGivesTheExitCode) {
  Findings findings = Some();
  EXPECT_EQ(CodeOf(findings), ExitCode::kPeerLost);
  findings.resize(2);
  EXPECT_EQ(CodeOf(findings), ExitCode::kDone);
}

TEST(Findings, ProgramsGetTheSame) {
  const nlohmann::ordered_json report = ReportJson(Some(), 2);
  EXPECT_EQ(report["exit_code"], 76);
  ASSERT_EQ(report["findings"].size(), 4u);
  EXPECT_EQ(report["findings"][1]["severity"], "problem");
  EXPECT_EQ(report["findings"][1]["remedy"], "make room");
  EXPECT_EQ(report["findings"][3]["topic"], "launch");
}

}  // namespace
}  // namespace lockstep
