// Everything that reads the store back.
#include <map>

#include "core/text.h"
#include "store/body.h"
#include "store/impl.h"
#include "store/imported.h"
#include "store/telemetry.h"

namespace qc {
namespace {

std::optional<Instant> instant(const Statement& s, int c) {
  return s.null(c) ? std::nullopt : std::optional(Instant{s.integer(c)});
}
int small(const Statement& s, int c) { return static_cast<int>(s.integer(c)); }

Result<std::string> document(Database& db, std::string_view name) {
  auto s = db.prepare("SELECT body FROM document WHERE name=?");
  if (!s) return fail(s.error());
  s->bind(name);
  if (!s->row()) return fail(Fault::damaged, "study.sqlite: no document '" + std::string(name) + "'");
  return s->text(0);
}

TrialRecord trial_row(const Statement& s) {
  TrialRecord t;
  t.id = small(s, 0), t.attempt = small(s, 2), t.variant = s.text(3), t.workload = s.text(4), t.concurrency = small(s, 5), t.rate = s.maybe_real(6);
  t.max_tokens = small(s, 7), t.block = small(s, 8), t.position = small(s, 9), t.repeat = s.integer(10), t.valid = s.integer(11);
  t.invalid_because = s.text(12), t.reconnects = small(s, 13), t.started = {s.integer(14)}, t.steady_start = {s.integer(15)};
  t.steady_end = {s.integer(16)}, t.ended = {s.integer(17)}, t.client_cpu_s = s.real(18), t.engine_cpu_s = s.maybe_real(19);
  t.send_lateness_p99_us = s.maybe_real(20), t.read_lag_p99_us = s.maybe_real(21), t.prompt_tokens_cached = s.maybe_integer(22);
  t.prompt_tokens_processed = s.maybe_integer(23);
  if (const auto notes = s.text(24); !notes.empty()) t.notes = split(notes, '\n');
  return t;
}

RequestRecord request_row(const Statement& s) {
  RequestRecord r;
  r.trial_id = small(s, 0), r.request_id = small(s, 1), r.x_request_id = s.text(2), r.prompt_sha256 = s.text(3), r.warmup = s.integer(4);
  if (!s.null(5)) r.failure = failure_from(s.text(5));
  r.failure_detail = s.text(6), r.intended = {s.integer(7)}, r.sent = {s.integer(8)}, r.first = instant(s, 9), r.last = instant(s, 10);
  r.done = instant(s, 11), r.prompt_tokens = s.maybe_int(12), r.output_tokens = s.maybe_int(13), r.cached_tokens = s.maybe_int(14);
  r.finish_reason = s.text(15), r.read_lag_ns_max = s.integer(16), r.characters = s.maybe_int(17), r.second_count = s.maybe_int(18);
  return r;
}

Answer answer_row(const Statement& s) {
  Answer a;
  a.variant = s.text(0), a.suite = s.text(1), a.item = s.text(2), a.run = small(s, 3), a.prompt_sha256 = s.text(4), a.prompt = s.text(5);
  a.output = s.text(6), a.score = s.maybe_real(7), a.score_because = s.text(8), a.similarity = s.maybe_real(9);
  if (!s.null(10)) a.exact = s.integer(10) != 0;
  a.failure = s.text(11);
  return a;
}

/// All rows of a query through `row`, into `out`.
template <class T, class Row>
Status read_all(Database& db, const char* sql, std::vector<T>& out, Row row) {
  auto s = db.prepare(sql);
  if (!s) return fail(s.error());
  while (s->row()) out.push_back(row(*s));
  return ok();
}

Status read_events(Database& db, std::vector<RequestRecord>& requests) {
  std::map<std::pair<int, int>, RequestRecord*> by_id;
  for (auto& r : requests) by_id[{r.trial_id, r.request_id}] = &r;
  auto s = db.prepare("SELECT trial_id, request_id, at_ns, tokens, kernel FROM event ORDER BY trial_id, request_id, seq");
  if (!s) return fail(s.error());
  while (s->row()) {
    const auto owner = by_id.find({small(*s, 0), small(*s, 1)});
    if (owner == by_id.end()) return fail(Fault::damaged, "study.sqlite: an event belongs to no request");
    owner->second->events.push_back({{s->integer(2)}, small(*s, 3), s->integer(4) ? Stamp::kernel : Stamp::user});
  }
  return ok();
}

Status read_bodies(Database& db, StudyData& data) {
  auto run = document(db, "run");
  if (!run) return fail(run.error());
  auto info = run_from_body(*run);
  if (!info) return fail(info.error());
  data.run = *info;
  for (const auto& variant : data.study.variants) {
    auto s = db.prepare("SELECT body FROM facts WHERE variant=?");
    if (!s) return fail(s.error());
    s->bind(variant.name);
    if (!s->row()) continue;
    auto facts = facts_from_body(s->text(0));
    if (!facts) return fail(facts.error());
    data.variants.push_back(*facts);
  }
  return ok();
}

}  // namespace

Result<std::string> Store::study_text() const { return document(impl_->database, "study.toml"); }
Result<std::string> Store::study_name_in_file() const { return document(impl_->database, "study.file"); }

Result<std::vector<int>> Store::finished_trials() const {
  std::vector<int> ids;
  auto s = read_all(impl_->database, "SELECT planned_id FROM trial GROUP BY planned_id HAVING max(valid)=1 ORDER BY 1", ids,
                    [](const Statement& row) { return small(row, 0); });
  if (!s) return fail(s.error());
  return ids;
}

Result<int> Store::next_attempt(int planned_id) const {
  const std::string sql = "SELECT coalesce(max(attempt) + 1, 0) FROM trial WHERE planned_id=" + std::to_string(planned_id) + " AND invalid_because<>'interrupted'";
  std::vector<int> next;
  auto s = read_all(impl_->database, sql.c_str(), next, [](const Statement& row) { return small(row, 0); });
  if (!s) return fail(s.error());
  return next.empty() ? 0 : next.front();
}

Result<std::vector<PlannedTrial>> Store::planned() const {
  std::vector<PlannedTrial> all;
  auto s = read_all(impl_->database, "SELECT id, variant, workload, concurrency, max_tokens, requests, warmup, block, position, repeat FROM planned ORDER BY id", all,
                    [](const Statement& row) {
                      return PlannedTrial{small(row, 0), row.text(1), row.text(2), small(row, 3), small(row, 4), small(row, 5), small(row, 6), small(row, 7), small(row, 8), row.integer(9) != 0};
                    });
  if (!s) return fail(s.error());
  return all;
}

std::optional<RunInfo> Store::run_so_far() const {
  const auto body = document(impl_->database, "run");
  const auto run = body ? run_from_body(*body) : Result<RunInfo>(fail(body.error()));
  return run ? std::optional(*run) : std::nullopt;
}

Result<std::vector<Answer>> Store::answers() const {
  std::vector<Answer> all;
  if (auto s = read_all(impl_->database, "SELECT * FROM answer", all, answer_row); !s) return fail(s.error());
  return all;
}

Result<StudyData> Store::load(const Study& study) const {
  auto& db = impl_->database;
  StudyData data;
  data.study = study;
  if (auto s = read_bodies(db, data); !s) return fail(s.error());
  const auto small_of = [](const Statement& s) { return small(s, 0); };
  std::vector<int> planned;
  const Status all[] = {
      read_all(db, "SELECT count(*) FROM planned", planned, small_of),
      read_all(db, "SELECT * FROM trial ORDER BY id", data.trials, trial_row),
      read_all(db, "SELECT * FROM request ORDER BY trial_id, request_id", data.requests, request_row),
      read_events(db, data.requests),
      read_all(db, "SELECT * FROM memory ORDER BY at_ns", data.memory,
               [](const Statement& s) {
                 return MemorySample{s.text(0), s.text(1), {s.integer(2)}, s.maybe_integer(3), s.maybe_integer(4), s.maybe_integer(5), s.maybe_integer(6), s.text(7)};
               }),
      read_all(db, "SELECT * FROM answer", data.answers, answer_row),
      read_all(db, "SELECT * FROM divergence", data.divergences,
               [](const Statement& s) {
                 return Divergence{s.text(0), s.integer(1), s.real(2), s.real(3), s.real(4), s.real(5), s.real(6), s.real(7), s.real(8), s.text(9)};
               }),
      read_all(db, "SELECT variant, at_ns, command, log_path, ended, last_lines FROM start ORDER BY at_ns, variant", data.starts,
               [](const Statement& s) { return EngineStart{s.text(0), {s.integer(1)}, s.text(2), s.text(3), s.text(4), s.text(5)}; }),
      read_all(db, "SELECT utc, kind, text FROM happened ORDER BY id", data.events,
               [](const Statement& s) { return StudyEvent{s.text(0), s.text(1), s.text(2)}; }),
      read_all(db, "SELECT * FROM turn ORDER BY at_ns", data.turns,
               [](const Statement& s) {
                 return DeviceTurn{s.text(0), s.text(1), {s.integer(2)}, s.real(3), s.maybe_integer(4), s.maybe_integer(5), s.integer(6) != 0, s.text(7)};
               })};
  for (const auto& s : all)
    if (!s) return fail(s.error());
  auto telemetry = load_telemetry(db);
  if (!telemetry) return fail(telemetry.error());
  data.telemetry = std::move(*telemetry);
  auto imported = load_imported(db);
  if (!imported) return fail(imported.error());
  data.imported = std::move(*imported);
  data.planned_trials = planned.empty() ? 0 : planned.front();
  return data;
}

}  // namespace qc
