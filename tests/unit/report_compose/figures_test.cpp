// Every number that is printed is a figure of v_figure, unrounded, or a setting.
#include "report/figures_log.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <regex>
#include <set>

#include "golden/report_compose/cases.h"
#include "report/report.h"
#include "unit/report_compose/document_text.h"

namespace qc::test {
namespace {

Measured figure(double x, double lo, double hi) { Measured m; m.value = x, m.lo = lo, m.hi = hi; return m; }

TEST(PrintNumber, DigitsAreOfTheTable) {
  EXPECT_EQ(print_number(Unit::tok_s, 246.06), "246.1");
  EXPECT_EQ(print_number(Unit::tok_s, 0.25), "0.2");         // printf: the tie is exact in binary and goes to the even digit
  EXPECT_EQ(print_number(Unit::ms, 1650.5), "1650");
  EXPECT_EQ(print_number(Unit::ms, 1651.5), "1652");
  EXPECT_EQ(print_number(Unit::delta_pct, 12.34), "+12.3");
  EXPECT_EQ(print_number(Unit::delta_pct, -0.04), "0.0");    // no sign in front of zeros
  EXPECT_EQ(print_number(Unit::share_pct, 66.25), "66.2");
  EXPECT_EQ(print_number(Unit::usd, 0.271183), "$0.2712");
  EXPECT_EQ(print_number(Unit::usd, 1.23456), "$1.235");
  EXPECT_EQ(print_number(Unit::usd, 12.3456), "$12.35");
  EXPECT_EQ(print_number(Unit::usd, 1234.5), "$1234.50");
  EXPECT_EQ(print_number(Unit::mib, 268435456), "256.0");    // 256 x 1024 x 1024
  EXPECT_EQ(print_number(Unit::gib, 1610612736), "1.50");
  EXPECT_EQ(print_number(Unit::p_value, 0.00049), "< 0.001");   // no p is 0
  EXPECT_EQ(print_number(Unit::p_value, 0.0005), "0.001");
}

TEST(FigureLog, AnEndThatIsFarAwayHasNoDigits) {
  FigureLog log;
  EXPECT_EQ(log.interval({"chat", "conc=1", "q4_0.delta_pct"}, Unit::delta_pct, figure(0.1, -0.9, 9.3e23)), "[-90.0, over +1000]");
  EXPECT_EQ(log.interval({"cost", "conc=1", "q4_0.saving_pct"}, Unit::delta_pct, figure(0.1, -std::numeric_limits<double>::infinity(), 1)), "[under -1000, +100.0]");
  EXPECT_EQ(log.interval({"chat", "conc=1", "q4_0.output_tok_s"}, Unit::tok_s, figure(14.7, 0.001, 3.2e9)), "[0.0, over 100 times that]");
}

TEST(FigureLog, KeepsUnroundedAndPrintsRounded) {
  FigureLog log;
  EXPECT_EQ(log.number({"chat", "conc=16", "q4_0.delta_pct"}, Unit::delta_pct, figure(0.1234, 0.081, 0.1689)), "+12.3 %");
  EXPECT_EQ(log.interval({"chat", "conc=16", "q4_0.delta_pct"}, Unit::delta_pct, figure(0.1234, 0.081, 0.1689)), "[+8.1, +16.9]");
  EXPECT_EQ(log.magnitude({"chat", "conc=8", "q4_0.delta_pct"}, Unit::delta_pct, measured(-0.05)), "5.0 %");
  EXPECT_EQ(log.text({"chat", "conc=8", "q4_0.output_tok_s"}, Unit::tok_s, 100.26), "100.3 tok/s");
  EXPECT_EQ(log.number({"chat", "conc=8", "q4_0.p95_ms"}, Unit::ms, measured(std::nullopt, "no request was answered")), "n/a");
  const auto figures = log.take();
  ASSERT_EQ(figures.size(), 4u);                             // two prints of one name are one row
  EXPECT_DOUBLE_EQ(*figures[0].value, 12.34);
  EXPECT_DOUBLE_EQ(*figures[0].lo, 8.1);
  EXPECT_EQ(figures[0].unit, "%");
  EXPECT_EQ(figures[0].tag, "MEASURED");
  EXPECT_FALSE(figures[3].value);
}

TEST(Figures, RowsAreUnique) {
  for (const Case& c : every_case()) {
    std::set<std::tuple<std::string, std::string, std::string>> names;
    for (const Figure& f : compose(c.data, c.findings).figures) EXPECT_TRUE(names.emplace(f.section, f.row, f.column).second) << f.section << " " << f.row << " " << f.column;
  }
}

const Figure* find(const std::vector<Figure>& figures, const std::string& section, const std::string& row, const std::string& column) {
  const auto at = std::ranges::find_if(figures, [&](const Figure& f) { return f.section == section && f.row == row && f.column == column; });
  return at == figures.end() ? nullptr : &*at;
}

TEST(Figures, NamesAndUnitsAreThoseOfTheContract) {
  const Case c = clear_win();
  const auto figures = compose(c.data, c.findings).figures;
  const double tok_s = 246.11 * 1.18;                        // chat at 16, q4_0
  const struct { const char* section; const char* row; const char* column; double value; } expected[] = {
      {"chat", "conc=16", "q4_0.output_tok_s", tok_s},
      {"chat", "conc=16", "bf16.output_tok_s", 246.11},
      {"chat", "conc=16", "q4_0.p95_ms", 8311.2 / 1.18},
      {"chat", "conc=16", "q4_0.ttft_p95_ms", 911.6 / 1.18},
      {"chat", "conc=16", "q4_0.delta_pct", 18.0},
      {"chat", "conc=16", "q4_0.delta_p95_pct", 100 / 1.18 - 100},
      {"chat", "conc=8", "bf16.aa.delta_pct", 0.3},
      {"cost", "chat conc=16", "q4_0.usd_per_1m_output", 0.24 * 1e6 / 3600 / tok_s},
      {"chat", "conc=16", "q4_0.usd_per_1m_output", 0.24 * 1e6 / 3600 / tok_s},
      {"cost", "chat conc=16", "q4_0.usd_per_1k_requests", 0.24 * 1e3 / 3600 / (tok_s / 128)},
      {"cost", "chat conc=16", "q4_0.saving_pct", 100 - 100 / 1.18},
      {"vram", "q4_0", "weights_bytes", 89700000},
      {"quality", "q8_0", "difference_pp", 0.25},
      {"settings", "chat", "q4_0.output_tok_s", 78.63 * 1.54},
  };
  for (const auto& e : expected) {
    const Figure* f = find(figures, e.section, e.row, e.column);
    ASSERT_TRUE(f && f->value) << e.section << " " << e.row << " " << e.column;
    EXPECT_NEAR(*f->value, e.value, std::abs(e.value) * 1e-9 + 1e-9) << e.column;
  }
}

/// A figure as any unit of its name prints it, its ends as its value's decimals have them.
void add_prints(std::set<std::string>& prints, const Figure& f) {
  for (int u = 0; u <= static_cast<int>(Unit::parameters); ++u) {
    const UnitRule& rule = rule_of(static_cast<Unit>(u));
    if (rule.name != f.unit) continue;
    const std::string of_value = f.value ? print_number(rule.unit, std::abs(*f.value)) : "";
    const std::size_t dot = of_value.find('.');
    const int decimals = dot == std::string::npos ? 0 : static_cast<int>(of_value.size() - dot - 1);
    for (const auto& x : {f.value, f.lo, f.hi})
      if (x) prints.insert(fmt::format("{:.{}f}", std::abs(*x * rule.to_print), decimals));
  }
}

std::set<std::string> settings_of(const StudyData& d) {
  std::set<std::string> all = {"95", "100", "1"};            // 95 % intervals, chrF of 100, section and note numbers are stripped below
  const auto add = [&](double x) { all.insert(fmt::format("{:g}", x)); };
  for (const Workload& w : d.study.workloads) {
    for (int conc : w.concurrency) add(conc);
    add(w.max_tokens), add(w.requests_per_slot), add(w.min_requests), add(w.p95_budget_ms.value_or(1));
  }
  for (double x : {128.0, 256.0, 0.24, 1.0 * d.study.blocks, d.study.quality.margin_pp, d.study.min_effect * 100, d.study.hardware.utilization * 100}) add(x);
  return all;
}

std::string without(std::string text, const std::vector<std::string>& words) {
  for (const std::string& w : words)
    for (std::size_t at; !w.empty() && (at = text.find(w)) != std::string::npos;) text.replace(at, w.size(), " ");
  return text;
}

/// Names and quoted texts hold digits that are no figures.
std::vector<std::string> foreign_text(const Case& c) {
  std::vector<std::string> words = {c.data.run.hardware_long, c.data.study.hardware.price_note, "v0.5.0", "p95", "p50", "< 0.001", "1,000,000 x", "x 1,000,000 /", "(3,600 x", "$/1M", "4-bit"};
  for (const Recommendation& r : c.findings.recommendations) words.push_back(r.because);
  for (const WorkloadComparison& w : c.findings.workloads) words.push_back(w.drift_text.empty() ? "" : w.drift_text.substr(1));
  for (const std::string& text : c.findings.caveats) words.push_back(text.substr(std::min<std::size_t>(1, text.size())));  // its first letter may be capitalised
  for (const EngineStart& s : c.data.starts) words.push_back(s.ended);
  words.push_back("27 more requests needed for an interval");
  return words;
}

void expect_known(const Case& c, const std::set<std::string>& known, const std::string& where, const std::string& text) {
  static const std::regex note(R"(\(\d+\))"), numeral(R"((^|[^A-Za-z0-9_.])(\d+(\.\d+)?)(?![A-Za-z0-9_]))");
  const std::string rest = std::regex_replace(without(text, foreign_text(c)), note, " ");
  for (std::sregex_iterator m(rest.begin(), rest.end(), numeral), end; m != end; ++m)
    EXPECT_TRUE(known.contains((*m)[2].str())) << c.name << ", " << where << ": " << (*m)[2].str() << " in: " << text;
}

TEST(Figures, EveryNumberOfTextAndTablesIsAFigureOrASetting) {
  for (const Case& c : every_case()) {
    const Document d = compose(c.data, c.findings);
    std::set<std::string> known = settings_of(c.data);
    for (const Figure& f : d.figures) add_prints(known, f);
    for (const Section& s : d.sections) {
      if (s.id == "methodology" || s.id == "next-steps") continue;   // versions, hashes, dates; and the judge's own words
      for (const Paragraph& p : all_of_kind<Paragraph>(s)) expect_known(c, known, s.id, p.text);
      for (const Cards& cards : all_of_kind<Cards>(s))
        for (const Card& card : cards.cards) expect_known(c, known, s.id, card.text);
      if (s.id == "setup") continue;                                  // tensor mixes, hashes and the server's own settings
      for (const Table& t : all_of_kind<Table>(s))
        for (const auto& row : t.rows)
          for (const Inline& cell : row)
            if (!cell.starts_with("lost: ")) expect_known(c, known, s.id + ", " + t.caption, cell == "512" || cell == "32" ? "" : cell);
    }
  }
}

}  // namespace
}  // namespace qc::test
