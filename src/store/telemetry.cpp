#include "store/telemetry.h"

#include <cmath>
#include <limits>

#include <fmt/format.h>

namespace qc {

// A bucket's bound is NULL where it is infinity, which SQLite can't hold as a number that others read.
const char* const kTelemetrySchema = R"sql(
CREATE TABLE IF NOT EXISTS server_metric(trial_id INT NOT NULL, at_ns INT NOT NULL, name TEXT NOT NULL, value REAL NOT NULL);
CREATE INDEX IF NOT EXISTS server_metric_trial ON server_metric(trial_id);
CREATE TABLE IF NOT EXISTS server_histogram(trial_id INT NOT NULL, name TEXT NOT NULL, count REAL NOT NULL, sum REAL NOT NULL,
  PRIMARY KEY(trial_id, name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS server_bucket(trial_id INT NOT NULL, name TEXT NOT NULL, seq INT NOT NULL, bound REAL, count REAL NOT NULL,
  PRIMARY KEY(trial_id, name, seq)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS gpu(trial_id INT NOT NULL, at_ns INT NOT NULL, device INT NOT NULL, power_w REAL, sm_mhz INT, mem_mhz INT,
  temp_c INT, throttle_reasons INT, used_bytes INT, energy_mj INT);
CREATE INDEX IF NOT EXISTS gpu_trial ON gpu(trial_id);
CREATE VIEW IF NOT EXISTS v_server_metric AS SELECT trial_id, at_ns, name, value FROM server_metric;
CREATE VIEW IF NOT EXISTS v_server_histogram AS SELECT h.trial_id, h.name, h.count, h.sum, b.bound AS bucket_bound, b.count AS bucket_count
  FROM server_histogram h LEFT JOIN server_bucket b ON b.trial_id = h.trial_id AND b.name = h.name;
CREATE VIEW IF NOT EXISTS v_gpu AS SELECT at_ns, device, power_w, sm_mhz, mem_mhz, temp_c, throttle_reasons, used_bytes, energy_mj, trial_id FROM gpu;
)sql";

namespace {

Status put_server(Database& db, std::int64_t id, const std::vector<ServerSample>& samples) {
  auto s = db.prepare("INSERT INTO server_metric VALUES(?,?,?,?)");
  if (!s) return fail(s.error());
  for (const auto& sample : samples) {
    s->bind(id).bind(sample.at.ns).bind(sample.name).bind(sample.value);
    if (!s->run()) return fail(db.broken("storing a server's metric"));
  }
  return ok();
}

Status put_histograms(Database& db, std::int64_t id, const std::vector<HistogramGrowth>& all) {
  auto h = db.prepare("INSERT INTO server_histogram VALUES(?,?,?,?)");
  if (!h) return fail(h.error());
  auto b = db.prepare("INSERT INTO server_bucket VALUES(?,?,?,?,?)");
  if (!b) return fail(b.error());
  for (const auto& [trial, grown] : all) {
    h->bind(id).bind(grown.name).bind(grown.count).bind(grown.sum);
    if (!h->run()) return fail(db.broken("storing a server's histogram"));
    int seq = 0;
    for (const auto& bucket : grown.buckets) {
      b->bind(id).bind(grown.name).bind(seq++).bind(std::isfinite(bucket.bound) ? std::optional(bucket.bound) : std::nullopt).bind(bucket.count);
      if (!b->run()) return fail(db.broken("storing a server's histogram"));
    }
  }
  return ok();
}

Status put_gpu(Database& db, std::int64_t id, const std::vector<GpuSample>& samples) {
  auto s = db.prepare("INSERT INTO gpu VALUES(?,?,?,?,?,?,?,?,?,?)");
  if (!s) return fail(s.error());
  for (const auto& g : samples) {
    s->bind(id).bind(g.at.ns).bind(g.device).bind(g.power_w).bind(g.sm_mhz).bind(g.mem_mhz).bind(g.temp_c).bind(g.event_reasons).bind(g.used_bytes).bind(g.energy_mj);
    if (!s->run()) return fail(db.broken("storing a GPU sample"));
  }
  return ok();
}


Status load_gpu(Database& db, std::vector<GpuSample>& out) {
  auto s = db.prepare("SELECT trial_id, at_ns, device, power_w, sm_mhz, mem_mhz, temp_c, throttle_reasons, used_bytes, energy_mj FROM gpu ORDER BY at_ns, device");
  if (!s) return fail(s.error());
  while (s->row())
    out.push_back({static_cast<int>(s->integer(0)), {s->integer(1)}, static_cast<int>(s->integer(2)), s->maybe_real(3), s->maybe_int(4), s->maybe_int(5),
                   s->maybe_int(6), s->maybe_integer(7), s->maybe_integer(8), s->maybe_integer(9)});
  return ok();
}

Status load_histograms(Database& db, std::vector<HistogramGrowth>& out) {
  auto s = db.prepare("SELECT h.trial_id, h.name, h.count, h.sum, b.seq, b.bound, b.count FROM server_histogram h LEFT JOIN server_bucket b "
                      "ON b.trial_id = h.trial_id AND b.name = h.name ORDER BY 1, 2, 5");
  if (!s) return fail(s.error());
  while (s->row()) {
    const int trial = static_cast<int>(s->integer(0));
    if (out.empty() || out.back().trial_id != trial || out.back().grown.name != s->text(1)) out.push_back({trial, {s->text(1), s->real(2), s->real(3), {}}});
    if (!s->null(4)) out.back().grown.buckets.push_back({s->maybe_real(5).value_or(std::numeric_limits<double>::infinity()), s->real(6)});
  }
  return ok();
}

}  // namespace

Status put_telemetry(Database& db, std::int64_t id, const Telemetry& telemetry) {
  for (const char* table : {"server_metric", "server_histogram", "server_bucket", "gpu"})
    if (auto s = db.execute(fmt::format("DELETE FROM {} WHERE trial_id={}", table, id)); !s) return s;
  if (auto s = put_server(db, id, telemetry.server); !s) return s;
  if (auto s = put_histograms(db, id, telemetry.histograms); !s) return s;
  return put_gpu(db, id, telemetry.gpu);
}

Result<Telemetry> load_telemetry(Database& db) {
  Telemetry out;
  auto there = db.prepare("SELECT count(*) FROM sqlite_master WHERE type='table' AND name IN ('server_metric', 'server_histogram', 'server_bucket', 'gpu')");
  if (!there) return fail(there.error());
  if (!there->row() || there->integer(0) < 4) return out;
  auto s = db.prepare("SELECT trial_id, at_ns, name, value FROM server_metric ORDER BY at_ns");
  if (!s) return fail(s.error());
  while (s->row()) out.server.push_back({static_cast<int>(s->integer(0)), {s->integer(1)}, s->text(2), s->real(3)});
  if (auto status = load_histograms(db, out.histograms); !status) return fail(status.error());
  if (auto status = load_gpu(db, out.gpu); !status) return fail(status.error());
  return out;
}

}  // namespace qc
