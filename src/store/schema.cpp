#include "store/schema.h"

namespace qc {

// A second attempt of a trial is a row of its own: its id is the planned one plus 1,000,000 x attempt.
const char* const kSchema = R"sql(
CREATE TABLE study(key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE document(name TEXT PRIMARY KEY, body TEXT) WITHOUT ROWID;
CREATE TABLE planned(id INTEGER PRIMARY KEY, variant TEXT, workload TEXT, concurrency INT, max_tokens INT, requests INT, warmup INT,
  block INT, position INT, repeat INT);
CREATE TABLE trial(id INTEGER PRIMARY KEY, planned_id INT NOT NULL, attempt INT NOT NULL, variant TEXT NOT NULL, workload TEXT NOT NULL,
  concurrency INT NOT NULL, rate REAL, max_tokens INT NOT NULL, block INT NOT NULL, position INT NOT NULL, repeat INT NOT NULL,
  valid INT NOT NULL, invalid_because TEXT NOT NULL, reconnects INT NOT NULL, started_ns INT, steady_start_ns INT, steady_end_ns INT,
  ended_ns INT, client_cpu_s REAL, engine_cpu_s REAL, send_lateness_p99_us REAL, read_lag_p99_us REAL, prompt_tokens_cached INT,
  prompt_tokens_processed INT, notes TEXT NOT NULL);
CREATE TABLE request(trial_id INT NOT NULL, request_id INT NOT NULL, x_request_id TEXT, prompt_sha256 TEXT, warmup INT NOT NULL,
  failure TEXT, failure_detail TEXT, intended_ns INT NOT NULL, sent_ns INT NOT NULL, first_ns INT, last_ns INT, done_ns INT,
  prompt_tokens INT, output_tokens INT, cached_tokens INT, finish_reason TEXT, read_lag_ns_max INT,
  characters INT, second_count INT,
  PRIMARY KEY(trial_id, request_id)) WITHOUT ROWID;
CREATE TABLE event(trial_id INT NOT NULL, request_id INT NOT NULL, seq INT NOT NULL, at_ns INT NOT NULL, tokens INT NOT NULL,
  kernel INT NOT NULL, PRIMARY KEY(trial_id, request_id, seq)) WITHOUT ROWID;
CREATE TABLE memory(variant TEXT NOT NULL, phase TEXT NOT NULL, at_ns INT NOT NULL, used_bytes INT, weights_bytes INT, kv_bytes INT,
  kv_tokens INT, source TEXT NOT NULL);
CREATE TABLE answer(variant TEXT NOT NULL, suite TEXT NOT NULL, item TEXT NOT NULL, run INT NOT NULL, prompt_sha256 TEXT, prompt TEXT,
  output TEXT, score REAL, score_because TEXT, similarity REAL, exact INT, failure TEXT, PRIMARY KEY(variant, suite, item, run)) WITHOUT ROWID;
CREATE TABLE divergence(variant TEXT PRIMARY KEY, tokens_scored INT, kld_mean REAL, kld_se REAL, kld_p99 REAL, top1_agreement REAL,
  top1_se REAL, ppl_ratio REAL, ppl_ratio_se REAL, text TEXT) WITHOUT ROWID;
CREATE TABLE facts(variant TEXT PRIMARY KEY, body TEXT) WITHOUT ROWID;
CREATE TABLE start(variant TEXT NOT NULL, at_ns INT, command TEXT, log_path TEXT NOT NULL, ended TEXT, last_lines TEXT, PRIMARY KEY(variant, log_path));
CREATE TABLE happened(id INTEGER PRIMARY KEY, utc TEXT, kind TEXT, text TEXT);
CREATE TABLE figure(section TEXT, row TEXT, column TEXT, value REAL, lo REAL, hi REAL, unit TEXT, tag TEXT);

CREATE VIEW v_study AS SELECT key, value FROM study;
CREATE VIEW v_trial AS SELECT id AS trial_id, variant, workload, concurrency, rate, max_tokens, block, position, repeat, valid,
  nullif(invalid_because, '') AS invalid_because, reconnects, steady_start_ns, steady_end_ns FROM trial;
CREATE VIEW v_request AS SELECT trial_id, request_id, prompt_sha256, warmup, failure IS NULL AS ok, failure, intended_ns, sent_ns,
  first_ns, last_ns, done_ns, prompt_tokens, output_tokens,
  (SELECT count(*) FROM event e WHERE e.trial_id = r.trial_id AND e.request_id = r.request_id) AS chunks, finish_reason,
  (SELECT CASE min(kernel) WHEN 1 THEN 'kernel' WHEN 0 THEN 'user' END FROM event e WHERE e.trial_id = r.trial_id AND e.request_id = r.request_id) AS stamp,
  characters, second_count FROM request r;
CREATE VIEW v_event AS SELECT trial_id, request_id, seq, at_ns, tokens, CASE kernel WHEN 1 THEN 'kernel' ELSE 'user' END AS stamp FROM event;
CREATE VIEW v_memory AS SELECT variant, phase, at_ns, used_bytes, weights_bytes, kv_bytes, kv_tokens, source FROM memory;
CREATE VIEW v_answer AS SELECT variant, suite, item, prompt_sha256, CASE WHEN coalesce(failure, '') = '' THEN output END AS output, score, similarity, run FROM answer;
CREATE VIEW v_figure AS SELECT section, row, column, value, lo, hi, unit, tag FROM figure;
)sql";

const char* const kLaterSchema = R"sql(
CREATE TABLE IF NOT EXISTS turn(variant TEXT NOT NULL, kind TEXT NOT NULL, at_ns INT NOT NULL, seconds REAL NOT NULL, used_before_bytes INT,
  used_after_bytes INT, ok INT NOT NULL, detail TEXT NOT NULL);
CREATE VIEW IF NOT EXISTS v_turn AS SELECT variant, kind, at_ns, seconds, used_before_bytes, used_after_bytes, ok, nullif(detail, '') AS detail FROM turn;
)sql";

}  // namespace qc
