// For spreadsheets and scripts: trials.csv, requests.csv, requests.jsonl, by the report's own definitions.
#include <fmt/format.h>

#include "core/json.h"
#include "exchange/write/formats.h"
#include "report/load_json.h"
#include "report/report.h"

namespace qc {
namespace {

std::string or_empty(const auto& value) { return value ? fmt::format("{}", *value) : std::string(); }
std::string ns(const std::optional<Instant>& t) { return t ? fmt::format("{}", t->ns) : std::string(); }

constexpr const char* kHeader =
    "variant,workload,concurrency,block,repeat,request_id,ok,failure,intended_ns,sent_ns,first_ns,last_ns,done_ns,prompt_tokens,output_tokens,events,ttft_ms,e2e_ms,tpot_ms,finish_reason\n";

std::string row(const TrialRecord& t, const RequestRecord& r) {
  std::optional<double> ttft, e2e, tpot;
  if (r.ok() && r.first && r.last) {
    ttft = millis(*r.first - r.sent), e2e = millis(*r.last - r.sent);
    if (r.output_tokens.value_or(0) > 1) tpot = millis(*r.last - *r.first) / (*r.output_tokens - 1);
  }
  return fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", t.variant, t.workload, t.concurrency, t.block, t.repeat ? 1 : 0, r.request_id, r.ok() ? 1 : 0,
                     r.failure ? to_string(*r.failure) : "", r.intended.ns, r.sent.ns, ns(r.first), ns(r.last), ns(r.done), or_empty(r.prompt_tokens), or_empty(r.output_tokens), r.events.size(), or_empty(ttft),
                     or_empty(e2e), or_empty(tpot), r.finish_reason);
}

/// The trial's names in front of the request's own.
std::string line(const TrialRecord& t, const RequestRecord& r) {
  const Json names = {{"variant", t.variant}, {"workload", t.workload}, {"concurrency", t.concurrency}, {"max_tokens", t.max_tokens}, {"block", t.block}, {"repeat", t.repeat ? 1 : 0}, {"trial_id", t.id}, {"request_id", r.request_id}};
  std::string head = json_line(names);
  head.back() = ',';
  return head + load_record(r).substr(1);
}

}  // namespace

void write_csv(const StudyData& data, const std::vector<TrialData>& trials, Details, Export& out) {
  out.files.push_back({"trials.csv", capacity_csv(data, "", "")});
  out.notes.emplace_back("by the report's own definitions (docs/metrics.md); trials.csv is what `quantcase import --from csv` takes");
  if (trials.empty()) return;
  std::string text = kHeader;
  for (const TrialData& t : trials)
    for (const RequestRecord* r : t.requests) text += row(*t.trial, *r);
  out.files.push_back({"requests.csv", std::move(text)});
}

void write_jsonl(const StudyData&, const std::vector<TrialData>& trials, Details, Export& out) {
  std::string text;
  for (const TrialData& t : trials)
    for (const RequestRecord* r : t.requests) text += line(*t.trial, *r);
  out.files.push_back({"requests.jsonl", std::move(text)});
  out.notes.emplace_back("by the report's own definitions (docs/metrics.md): the trial's names, then what `bench --records` writes of a request");
}

}  // namespace qc
