// Opening, and everything that writes.
#include "store/store.h"

#include <fmt/format.h>

#include "record/attempt.h"
#include "store/body.h"
#include "store/impl.h"
#include "store/imported.h"
#include "store/schema.h"
#include "store/telemetry.h"

namespace qc {
namespace {


std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += (text.empty() ? "" : "\n") + line;
  return text;
}

std::optional<std::int64_t> ns(const std::optional<Instant>& t) { return t ? std::optional(t->ns) : std::nullopt; }

Status insert_trial(Database& db, const TrialRecord& t, std::int64_t id) {
  auto s = db.prepare("INSERT OR REPLACE INTO trial VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
  if (!s) return fail(s.error());
  s->bind(id).bind(t.id).bind(t.attempt).bind(t.variant).bind(t.workload).bind(t.concurrency).bind(t.rate).bind(t.max_tokens).bind(t.block);
  s->bind(t.position).bind(t.repeat).bind(t.valid).bind(t.invalid_because).bind(t.reconnects).bind(t.started.ns).bind(t.steady_start.ns);
  s->bind(t.steady_end.ns).bind(t.ended.ns).bind(t.client_cpu_s).bind(t.engine_cpu_s).bind(t.send_lateness_p99_us).bind(t.read_lag_p99_us);
  s->bind(t.prompt_tokens_cached).bind(t.prompt_tokens_processed).bind(joined(t.notes));
  return s->run() ? ok() : Status(fail(db.broken("storing a trial")));
}

Status insert_requests(Database& db, const std::vector<RequestRecord>& requests, std::int64_t id) {
  auto r = db.prepare("INSERT OR REPLACE INTO request VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
  if (!r) return fail(r.error());
  auto e = db.prepare("INSERT OR REPLACE INTO event VALUES(?,?,?,?,?,?)");
  if (!e) return fail(e.error());
  for (const auto& q : requests) {
    r->bind(id).bind(q.request_id).bind(q.x_request_id).bind(q.prompt_sha256).bind(q.warmup);
    r->bind(q.failure ? std::optional(std::string(to_string(*q.failure))) : std::nullopt).bind(q.failure_detail);
    r->bind(q.intended.ns).bind(q.sent.ns).bind(ns(q.first)).bind(ns(q.last)).bind(ns(q.done)).bind(q.prompt_tokens).bind(q.output_tokens);
    r->bind(q.cached_tokens).bind(q.finish_reason).bind(q.read_lag_ns_max).bind(q.characters).bind(q.second_count);
    if (!r->run()) return fail(db.broken("storing a request"));
    int seq = 0;
    for (const auto& event : q.events) {
      e->bind(id).bind(q.request_id).bind(seq++).bind(event.at.ns).bind(event.tokens).bind(event.stamp == Stamp::kernel);
      if (!e->run()) return fail(db.broken("storing an event"));
    }
  }
  return ok();
}

Status insert_memory(Database& db, const std::vector<MemorySample>& samples) {
  auto s = db.prepare("INSERT INTO memory VALUES(?,?,?,?,?,?,?,?)");
  if (!s) return fail(s.error());
  for (const auto& m : samples) {
    s->bind(m.variant).bind(m.phase).bind(m.at.ns).bind(m.used_bytes).bind(m.weights_bytes).bind(m.kv_bytes).bind(m.kv_tokens).bind(m.source);
    if (!s->run()) return fail(db.broken("storing a memory sample"));
  }
  return ok();
}

Status insert_study(Database& db, const Study& study) {
  auto key = db.prepare("INSERT OR REPLACE INTO study VALUES(?,?)");
  if (!key) return fail(key.error());
  for (const auto& [name, value] : study.keys) {
    key->bind(name).bind(value);
    if (!key->run()) return fail(db.broken("storing the study"));
  }
  auto document = db.prepare("INSERT OR REPLACE INTO document VALUES(?,?)");
  if (!document) return fail(document.error());
  for (const auto& [name, body] : {std::pair{"study.toml", study.text}, std::pair{"study.file", study.file}}) {
    document->bind(std::string_view(name)).bind(body);
    if (!document->run()) return fail(db.broken("storing the study"));
  }
  return ok();
}

Status put_document(Database& db, std::string_view name, const std::string& body) {
  auto s = db.prepare("INSERT OR REPLACE INTO document VALUES(?,?)");
  if (!s) return fail(s.error());
  s->bind(name).bind(body);
  return s->run() ? ok() : Status(fail(db.broken("storing a record")));
}

}  // namespace

Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;
Store::~Store() = default;

Result<Store> Store::create(const std::filesystem::path& file, const Study& study) {
  if (std::filesystem::exists(file)) return fail(Fault::usage, fmt::format("{}: there is a store already; --resume goes on with it", file.string()));
  std::error_code error;
  std::filesystem::create_directories(file.parent_path(), error);
  if (error) return fail(Fault::usage, fmt::format("{}: cannot be made: {}", file.parent_path().string(), error.message()));
  auto database = Database::open(file.string(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  if (!database) return fail(database.error());
  if (auto s = database->execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"); !s) return fail(s.error());
  auto made = database->transaction([&] {
    if (auto s = database->execute(std::string(kSchema) + kTelemetrySchema + kImportedSchema + kLaterSchema + fmt::format("PRAGMA user_version={};", kSchemaVersion)); !s) return s;
    return insert_study(*database, study);
  });
  if (!made) return fail(made.error());
  Store store;
  store.impl_ = std::make_unique<Impl>(Impl{std::move(*database)});
  return store;
}

Result<Store> Store::open(const std::filesystem::path& file) {
  if (!std::filesystem::exists(file)) return fail(Fault::usage, fmt::format("{}: no study is stored there", file.string()));
  auto database = Database::open(file.string(), SQLITE_OPEN_READWRITE);
  if (!database) return fail(database.error());
  auto check = database->prepare("PRAGMA quick_check(1)");
  if (!check) return fail(check.error());
  if (!check->row() || check->text(0) != "ok")
    return fail(Fault::damaged, fmt::format("{}: the store is damaged: {}; nothing of it was changed", file.string(), check->text(0)));
  auto version = database->prepare("PRAGMA user_version");
  if (!version) return fail(version.error());
  if (!version->row() || version->integer(0) != kSchemaVersion)
    return fail(Fault::damaged, fmt::format("{}: no store of this program's (schema {}, this program writes {})", file.string(), version->integer(0), kSchemaVersion));
  check->again();
  version->again();
  (void)database->execute(std::string(kTelemetrySchema) + kImportedSchema + kLaterSchema);   // a file that we may only read has what it has
  Store store;
  store.impl_ = std::make_unique<Impl>(Impl{std::move(*database)});
  return store;
}

Status Store::put_plan(const std::vector<PlannedTrial>& trials) {
  auto& db = impl_->database;
  return db.transaction([&]() -> Status {
    if (auto s = db.execute("DELETE FROM planned"); !s) return s;
    auto s = db.prepare("INSERT INTO planned VALUES(?,?,?,?,?,?,?,?,?,?)");
    if (!s) return fail(s.error());
    for (const auto& t : trials) {
      s->bind(t.id).bind(t.variant).bind(t.workload).bind(t.concurrency).bind(t.max_tokens).bind(t.requests).bind(t.warmup).bind(t.block).bind(t.position).bind(t.repeat);
      if (!s->run()) return fail(db.broken("storing the plan"));
    }
    return ok();
  });
}

Status Store::put_run(const RunInfo& run) { return put_document(impl_->database, "run", to_body(run)); }

Status Store::put_facts(const VariantFacts& facts) {
  auto s = impl_->database.prepare("INSERT OR REPLACE INTO facts VALUES(?,?)");
  if (!s) return fail(s.error());
  s->bind(facts.variant).bind(to_body(facts));
  return s->run() ? ok() : Status(fail(impl_->database.broken("storing a variant's facts")));
}

Status Store::put_start(const EngineStart& start) {
  auto s = impl_->database.prepare("INSERT OR REPLACE INTO start(variant, at_ns, command, log_path, ended, last_lines) VALUES(?,?,?,?,?,?)");
  if (!s) return fail(s.error());
  s->bind(start.variant).bind(start.at.ns).bind(start.command).bind(start.log_path).bind(start.ended).bind(start.last_lines);
  return s->run() ? ok() : Status(fail(impl_->database.broken("storing a start")));
}

Status Store::put_memory(const std::vector<MemorySample>& samples) {
  return impl_->database.transaction([&] { return insert_memory(impl_->database, samples); });
}

Status Store::put_trial(const TrialRecord& trial, const std::vector<RequestRecord>& requests, const std::vector<MemorySample>& memory,
                        const Telemetry& telemetry) {
  auto& db = impl_->database;
  const std::int64_t id = stored_trial_id(trial.id, trial.attempt);
  return db.transaction([&]() -> Status {
    for (const char* table : {"request", "event"})  // an interrupted visit of the same id is replaced whole
      if (auto s = db.execute(fmt::format("DELETE FROM {} WHERE trial_id={}", table, id)); !s) return s;
    if (auto s = insert_trial(db, trial, id); !s) return s;
    if (auto s = insert_requests(db, requests, id); !s) return s;
    if (auto s = put_telemetry(db, id, telemetry); !s) return s;
    return insert_memory(db, memory);
  });
}

Status Store::mark_invalid(int trial_id, const std::string& because) {
  auto s = impl_->database.prepare("UPDATE trial SET valid=0, invalid_because=CASE invalid_because WHEN '' THEN ?1 WHEN ?1 THEN ?1 ELSE invalid_because || '; ' || ?1 END WHERE id=?2");
  if (!s) return fail(s.error());
  s->bind(because).bind(trial_id);
  return s->run() ? ok() : Status(fail(impl_->database.broken("marking a trial")));
}

Status Store::put_answers(const std::vector<Answer>& answers) {
  auto& db = impl_->database;
  return db.transaction([&]() -> Status {
    auto s = db.prepare("INSERT OR REPLACE INTO answer VALUES(?,?,?,?,?,?,?,?,?,?,?,?)");
    if (!s) return fail(s.error());
    for (const auto& a : answers) {
      s->bind(a.variant).bind(a.suite).bind(a.item).bind(a.run).bind(a.prompt_sha256).bind(a.prompt).bind(a.output).bind(a.score);
      s->bind(a.score_because).bind(a.similarity).bind(a.exact).bind(a.failure);
      if (!s->run()) return fail(db.broken("storing an answer"));
    }
    return ok();
  });
}

Status Store::put_divergence(const Divergence& d) {
  auto s = impl_->database.prepare("INSERT OR REPLACE INTO divergence VALUES(?,?,?,?,?,?,?,?,?,?)");
  if (!s) return fail(s.error());
  s->bind(d.variant).bind(d.tokens_scored).bind(d.kld_mean).bind(d.kld_se).bind(d.kld_p99).bind(d.top1_agreement).bind(d.top1_se);
  s->bind(d.ppl_ratio).bind(d.ppl_ratio_se).bind(d.text);
  return s->run() ? ok() : Status(fail(impl_->database.broken("storing a divergence")));
}

Status Store::put_turn(const DeviceTurn& t) {
  auto s = impl_->database.prepare("INSERT INTO turn VALUES(?,?,?,?,?,?,?,?)");
  if (!s) return fail(s.error());
  s->bind(t.variant).bind(t.kind).bind(t.at.ns).bind(t.seconds).bind(t.used_before).bind(t.used_after).bind(t.ok).bind(t.detail);
  return s->run() ? ok() : Status(fail(impl_->database.broken("storing a turn")));
}

Status Store::put_event(const StudyEvent& event) {
  auto s = impl_->database.prepare("INSERT INTO happened(utc, kind, text) VALUES(?,?,?)");
  if (!s) return fail(s.error());
  s->bind(event.utc).bind(event.kind).bind(event.text);
  return s->run() ? ok() : Status(fail(impl_->database.broken("storing an event")));
}

Status Store::put_imported(const std::vector<ImportedRun>& runs) {
  return impl_->database.transaction([&] { return replace_imported(impl_->database, runs); });
}

Status Store::put_figures(const std::vector<Figure>& figures) {
  auto& db = impl_->database;
  return db.transaction([&]() -> Status {
    if (auto s = db.execute("DELETE FROM figure"); !s) return s;
    auto s = db.prepare("INSERT INTO figure VALUES(?,?,?,?,?,?,?,?)");
    if (!s) return fail(s.error());
    for (const auto& f : figures) {
      s->bind(f.section).bind(f.row).bind(f.column).bind(f.value).bind(f.lo).bind(f.hi).bind(f.unit).bind(f.tag);
      if (!s->run()) return fail(db.broken("storing a figure"));
    }
    return ok();
  });
}

}  // namespace qc
