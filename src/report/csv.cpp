// The capacity CSVs: one row a visit, one table of columns.
#include <fmt/format.h>

#include "report/report.h"

namespace qc {
namespace {

std::string text(const std::string& value) {
  if (value.find_first_of(",\"\n\r") == std::string::npos) return value;
  std::string quoted = "\"";
  for (char ch : value) quoted += ch == '"' ? "\"\"" : std::string(1, ch);
  return quoted + "\"";
}

// Unknown is an empty field, as spreadsheets and readers of CSV have it.
std::string number(const std::optional<double>& value) { return value ? fmt::format("{}", *value) : ""; }
std::string whole(long long value) { return fmt::format("{}", value); }

struct Column {
  std::string_view name;
  std::string (*of)(const TrialSummary&);
};

constexpr Column kColumns[] = {
    {"variant", [](const TrialSummary& s) { return text(s.trial->variant); }},
    {"workload", [](const TrialSummary& s) { return text(s.trial->workload); }},
    {"concurrency", [](const TrialSummary& s) { return whole(s.trial->concurrency); }},
    {"rate", [](const TrialSummary& s) { return number(s.trial->rate); }},
    {"max_tokens", [](const TrialSummary& s) { return whole(s.trial->max_tokens); }},
    {"block", [](const TrialSummary& s) { return whole(s.trial->block); }},
    {"repeat", [](const TrialSummary& s) { return whole(s.trial->repeat); }},
    {"requests_ok", [](const TrialSummary& s) { return whole(s.requests_ok); }},
    {"requests_failed", [](const TrialSummary& s) { return whole(s.requests_failed); }},
    {"output_tokens", [](const TrialSummary& s) { return whole(s.output_tokens); }},
    {"output_tok_s", [](const TrialSummary& s) { return number(s.output_tok_s); }},
    {"requests_per_s", [](const TrialSummary& s) { return number(s.requests_per_s); }},
    {"ttft_p50_ms", [](const TrialSummary& s) { return number(s.ttft_p50_ms); }},
    {"ttft_p95_ms", [](const TrialSummary& s) { return number(s.ttft_p95_ms); }},
    {"tpot_p50_ms", [](const TrialSummary& s) { return number(s.tpot_p50_ms); }},
    {"itl_p99_ms", [](const TrialSummary& s) { return number(s.itl_p99_ms); }},
    {"e2e_p50_ms", [](const TrialSummary& s) { return number(s.e2e_p50_ms); }},
    {"e2e_p95_ms", [](const TrialSummary& s) { return number(s.e2e_p95_ms); }},
    {"e2e_p99_ms", [](const TrialSummary& s) { return number(s.e2e_p99_ms); }},
    {"duration_s", [](const TrialSummary& s) { return number(s.duration_s); }},
    {"valid", [](const TrialSummary& s) { return whole(s.trial->valid); }},
};

std::string header() {
  std::string line;
  for (const Column& c : kColumns) line += (line.empty() ? "" : ",") + std::string(c.name);
  return line + "\n";
}

std::string row(const TrialSummary& s) {
  std::string line;
  for (const Column& c : kColumns) line += (&c == kColumns ? "" : ",") + c.of(s);
  return line + "\n";
}

}  // namespace

std::string capacity_csv(const StudyData& data, const std::string& workload, const std::string& variant) {
  std::string csv = header();
  for (const TrialSummary& s : summarize_trials(data))
    if ((workload.empty() || s.trial->workload == workload) && (variant.empty() || s.trial->variant == variant)) csv += row(s);
  return csv;
}

}  // namespace qc
