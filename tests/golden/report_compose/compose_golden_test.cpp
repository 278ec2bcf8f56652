// The whole report of four unlike studies, as a person approved it.
#include "golden/golden.h"
#include "golden/report_compose/cases.h"
#include "report/report.h"

namespace qc::test {
namespace {

TEST(ReportGolden, FourOutcomesGiveTheReportsThatWereApproved) {
  for (const Case& c : four_cases()) expect_golden("report_compose/" + c.name + "/expected.md", to_markdown(compose(c.data, c.findings)));
}

TEST(ReportGolden, WhatServerAndCardSayStandsBesideOurs) {
  const Case c = server_and_gpu();
  expect_golden("report_compose/" + c.name + "/expected.md", to_markdown(compose(c.data, c.findings)));
}

}  // namespace
}  // namespace qc::test
