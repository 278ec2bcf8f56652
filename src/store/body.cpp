#include "store/body.h"

#include "core/json.h"

namespace qc {

// Found by the JSON library through their names.
static void to_json(Json& out, const ProvenSetting& s) { out = Json::array({s.name, s.value, s.source}); }
static void from_json(const Json& in, ProvenSetting& s) { in.at(0).get_to(s.name), in.at(1).get_to(s.value), in.at(2).get_to(s.source); }
static void to_json(Json& out, const Identity& i) { out = Json::array({static_cast<int>(i.verdict), i.because}); }
static void from_json(const Json& in, Identity& i) {
  const int verdict = in.at(0).get<int>();
  i.verdict = verdict == 1 ? IdentityVerdict::proved : verdict == 2 ? IdentityVerdict::contradicted : IdentityVerdict::unproved;
  in.at(1).get_to(i.because);
}

namespace {

template <class Record, class Visit>
void visit_facts(Record& r, Visit v) {
  v("variant", r.variant), v("model", r.model), v("file_bytes", r.file_bytes), v("parameters", r.parameters), v("method", r.method);
  v("tensor_mix", r.tensor_mix), v("bits_per_weight", r.bits_per_weight), v("weights_bytes", r.weights_bytes), v("kv_bytes", r.kv_bytes);
  v("kv_tokens", r.kv_tokens), v("other_bytes", r.other_bytes), v("host_weights_bytes", r.host_weights_bytes), v("activation_bytes", r.activation_bytes), v("graph_bytes", r.graph_bytes), v("context_per_request", r.context_per_request), v("slots", r.slots);
  v("model_context", r.model_context), v("server", r.server), v("server_version", r.server_version), v("command", r.command);
  v("url", r.url), v("start_s", r.start_s), v("template_sha256", r.template_sha256), v("file_sha256", r.file_sha256);
  v("settings", r.settings), v("unknown", r.unknown), v("proof", r.proof), v("identity", r.identity);
}

template <class Record, class Visit>
void visit_run(Record& r, Visit v) {
  v("program_version", r.program_version), v("git_id", r.git_id), v("build_type", r.build_type), v("compiler", r.compiler);
  v("host_cpu", r.host_cpu), v("host_features", r.host_features), v("host_os", r.host_os), v("host_kernel", r.host_kernel);
  v("host_cores", r.host_cores), v("host_memory_bytes", r.host_memory_bytes), v("gpus", r.gpus), v("gpu_memory_bytes", r.gpu_memory_bytes);
  v("hardware_short", r.hardware_short), v("hardware_long", r.hardware_long), v("started_utc", r.started_utc), v("ended_utc", r.ended_utc);
  v("command", r.command), v("environment", r.environment), v("prompts_sha256", r.prompts_sha256), v("study_wall_s", r.study_wall_s), v("own_cpu_s", r.own_cpu_s), v("engine_busy_s", r.engine_busy_s);
  v("engine_cpu_s", r.engine_cpu_s), v("client_scheduling", r.client_scheduling);
  v("switching", r.switching), v("switching_because", r.switching_because), v("gpu_share", r.gpu_share);
}

struct Writer {
  Json& out;
  template <class T>
  void operator()(const char* name, const std::optional<T>& field) { if (field) out[name] = *field; }
  template <class T>
  void operator()(const char* name, const T& field) { out[name] = field; }
};

struct Reader {
  const Json& in;
  template <class T>
  void operator()(const char* name, std::optional<T>& field) { if (in.contains(name)) field = in.at(name).template get<T>(); }
  template <class T>
  void operator()(const char* name, T& field) { if (in.contains(name)) in.at(name).get_to(field); }
};

template <class Record, class Visit>
Result<Record> read(const std::string& body, Visit visit) {
  auto json = parse_json(body, "study.sqlite: a stored record");
  if (!json) return fail(json.error());
  Record record;
  try {
    visit(record, Reader{*json});
  } catch (const Json::exception& e) {
    return fail(Fault::damaged, std::string("study.sqlite: a stored record does not read back: ") + e.what());
  }
  return record;
}

}  // namespace

// What a server prints may be no UTF-8: replaced, so that one odd byte never loses a record.
static std::string dump(const Json& json) { return json_line(json); }

std::string to_body(const VariantFacts& facts) {
  Json json = Json::object();
  visit_facts(facts, Writer{json});
  return dump(json);
}

std::string to_body(const RunInfo& run) {
  Json json = Json::object();
  visit_run(run, Writer{json});
  return dump(json);
}

Result<VariantFacts> facts_from_body(const std::string& body) {
  return read<VariantFacts>(body, [](VariantFacts& r, Reader reader) { visit_facts(r, reader); });
}

Result<RunInfo> run_from_body(const std::string& body) {
  return read<RunInfo>(body, [](RunInfo& r, Reader reader) { visit_run(r, reader); });
}

}  // namespace qc
