// Servers of a run: start, what they accept, stop, death.
#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "core/host.h"
#include "measure/client/stream_client.h"
#include "measure/engines/server_reading.h"
#include "run/patience.h"
#include "run/runner.h"
#include "run/same_inputs.h"

namespace qc {
namespace {

int next_start_number(const std::filesystem::path& logs, const std::string& variant) {
  int n = 1;
  while (std::filesystem::exists(logs / fmt::format("{}.{}.log", variant, n))) ++n;
  return n;
}

MemorySample from_log(const VariantFacts& facts, Instant now) {
  return {facts.variant, "idle", now, std::nullopt, facts.weights_bytes, facts.kv_bytes, facts.kv_tokens, "log"};
}

/// Releases before sleep mode refuse its flag.
bool too_old_to_sleep(std::string_view said) {
  const auto refused = said.find("unrecognized arguments:");
  return refused != std::string_view::npos && said.substr(refused, said.find('\n', refused) - refused).find("--enable-sleep-mode") != std::string_view::npos;
}

std::int64_t gpu_used() { return first_card(card_use()).value_or(0); }

}  // namespace

CardUse card_use() {
  CardUse use;
  for (const auto& gpu : list_gpus()) use.push_back(gpu.used_bytes);
  return use;
}

std::optional<int> card_capability() {
  const auto gpus = list_gpus();
  return gpus.empty() ? std::nullopt : gpus.front().capability;
}

std::optional<std::int64_t> first_card(const CardUse& use) { return use.empty() ? std::nullopt : std::optional(use.front()); }

Status Runner::start(const std::string& variant) {
  const auto& spec = *std::ranges::find(plan_.study.variants, variant, &Variant::name);
  LaunchContext context;
  context.study = &plan_.study, context.log_dir = options_.out / "logs", context.say = watcher_.say, context.stop = &stop_;
  context.start_number = next_start_number(context.log_dir, variant);
  context.capability = card_capability();
  context.can_sleep = plan_.switching == Switch::sleep;
  if (watcher_.progress) watcher_.progress(0, Seconds(0), fmt::format("starting {}", variant));
  const Instant begun = monotonic_clock().now();
  Server server;
  const CardUse before = card_use();
  const std::int64_t gpu_before = server.gpu_beside = first_card(before).value_or(0);
  auto engine = launch(spec, context);
  const double took_s = seconds(monotonic_clock().now() - begun);
  info_.engine_busy_s += took_s;
  if (!engine) {
    if (stopping()) return ok();
    (void)store_.put_start({variant, begun, "", fmt::format("logs/{}.{}.log", variant, context.start_number), "failed to start", engine.error().message});
    if (context.can_sleep && too_old_to_sleep(engine.error().message)) return give_up_sleep(fmt::format("this release of {} has no sleep mode", to_string(plan_.study.engine.kind)));
    if (engine.error().fault == Fault::refused || spec.baseline) return fail(engine.error());
    outcome_.engine_failures.push_back(engine.error().message);
    note("engine_failed", fmt::format("The server of {} would not start: {}", variant, engine.error().message));
    watcher_.say(engine.error().message);
    dropped_.insert(variant);
    return ok();
  }
  server.engine = std::move(*engine);
  server.watch = std::make_unique<ServerWatch>(server_reader(server.engine->address(), server.engine->api_key()));
  const VariantFacts& facts = server.engine->facts();
  const auto log = server.engine->log_path();
  server.start = {variant, begun, facts.command, log.empty() ? "" : "logs/" + log.filename().string(), "", ""};
  if (auto s = store_.put_start(server.start); !s) return s;
  const auto refuse = [&](const Status& why) {
    server.start.ended = server.engine->stop();
    (void)store_.put_start(server.start);
    return why;
  };
  const auto then = std::ranges::find(described_, variant, &VariantFacts::variant);
  const bool has = has_figures(variant);   // what is stored then stays what they are of, should this server be refused
  if (has && then != described_.end())
    if (auto s = same_server(*then, facts); !s) return refuse(s);
  if (!has)
    if (auto s = store_.put_facts(facts); !s) return s;
  if (auto s = admit(facts); !s) return refuse(s);
  if (has)
    if (auto s = store_.put_facts(facts); !s) return s;
  std::vector<MemorySample> idle = read_memory({variant, server.engine->pid(), server.engine->pid().has_value(), gpu_before}, "idle");
  for (const auto& sample : idle)
    if (sample.source == "nvml") server.gpu_idle = sample.used_bytes.value_or(0);
  server.took = card_use();
  for (std::size_t i = 0; i < std::min(server.took.size(), before.size()); ++i) server.took[i] -= before[i];
  if (facts.weights_bytes || facts.kv_tokens) idle.push_back(from_log(facts, monotonic_clock().now()));
  if (auto s = store_.put_memory(idle); !s) return s;
  if (!log.empty())
    if (auto s = store_.put_turn({variant, "start", begun, took_s, first_card(before), first_card(card_use()), true, ""}); !s) return s;
  watcher_.say(fmt::format("{}: {} {} is up{}", variant, facts.server, facts.server_version, facts.start_s ? fmt::format(" after {:.1f} s", *facts.start_s) : ""));
  servers_[variant] = std::move(server);
  if (plan_.switching == Switch::sleep && !log.empty()) awake_ = variant;
  sampler_.reset();
  return ok();
}

bool Runner::has_figures(const std::string& variant) const {
  const auto measured = [&](const PlannedTrial& t) { return t.variant == variant && (options_.skip.contains(t.id) || visited_.contains(t.id)); };
  return std::ranges::any_of(plan_.trials, measured) || std::ranges::any_of(answers_, [&](const Answer& a) { return a.variant == variant; });
}

Status Runner::admit(const VariantFacts& facts) {
  std::erase_if(described_, [&](const VariantFacts& f) { return f.variant == facts.variant; });
  described_.push_back(facts);
  const auto place = [&](const VariantFacts& f) { return std::ranges::find(plan_.study.variants, f.variant, &Variant::name) - plan_.study.variants.begin(); };
  std::ranges::stable_sort(described_, {}, place);
  return options_.admit ? options_.admit(described_) : ok();
}

Status Runner::stop_server(const std::string& variant) {
  const auto at = servers_.find(variant);
  if (at == servers_.end()) return ok();
  sampler_.reset();
  Server server = std::move(at->second);
  servers_.erase(at);
  if (awake_ == variant) awake_.reset();
  if (server.engine->log_path().empty()) return ok();
  if (const auto pid = server.engine->pid()) info_.engine_cpu_s += tree_cpu_seconds(*pid);
  const CardUse before = card_use();
  const std::int64_t gpu_before = first_card(before).value_or(0);
  if (watcher_.progress) watcher_.progress(1, Seconds(0), fmt::format("stopping {}", variant));
  DeviceTurn turn{variant, "stop", monotonic_clock().now(), 0, first_card(before), {}, true, ""};
  server.start.ended = server.engine->stop();
  const bool by_sleep = plan_.switching == Switch::sleep;
  wait_for_gpu(variant, by_sleep && !server.asleep ? server.gpu_beside : gpu_before - (by_sleep ? server.gpu_asleep : server.gpu_idle));
  turn.seconds = seconds(monotonic_clock().now() - turn.at), turn.used_after = first_card(card_use());
  if (auto s = store_.put_turn(turn); !s) return s;
  return store_.put_start(server.start);
}

/// The driver gives memory back some time after the process is gone; the next server looks at what is free as soon as it starts.
void Runner::wait_for_gpu(const std::string& variant, std::int64_t expected) {
  constexpr std::int64_t kSlack = std::int64_t{512} << 20;
  constexpr Seconds kPatience{60};
  if (wait_until(kPatience, [&] { return gpu_used() <= std::max<std::int64_t>(expected, 0) + kSlack; })) return;
  note("note", fmt::format("{:.0f} s after the server of {} had ended, its GPU memory was not free again; `nvidia-smi` names who holds it.", kPatience.count(), variant));
}

Status Runner::server_died(const std::string& variant, const std::string& how) {
  const std::string text = fmt::format("The server of {} died: {}", variant, how);
  watcher_.say(text);
  note("engine_died", text);
  outcome_.engine_failures.push_back(text);
  sampler_.reset();
  Server server = std::move(servers_.at(variant));
  servers_.erase(variant);
  if (awake_ == variant) awake_.reset();
  dropped_.insert(variant);
  server.start.ended = "died", server.start.last_lines = how;
  if (auto s = store_.put_start(server.start); !s) return s;
  if (variant == plan_.study.baseline().name)
    return fail(Fault::engine, text + "\nWithout the baseline nothing can be compared; what was measured is kept, and `run --resume` goes on from there.");
  return ok();
}

bool Runner::no_candidate_left() const {
  return !dropped_.empty() && std::ranges::none_of(plan_.study.variants, [&](const Variant& v) { return !v.baseline && !dropped_.contains(v.name); });
}

Status Runner::end_without_candidates(int block) {
  if (!no_candidate_left()) return ok();
  if (auto s = check_block(block); !s) return s;
  return fail(Fault::engine, "No candidate is left, so the study ends here; what was measured is kept, and `run --resume` goes on from there.\n" + outcome_.engine_failures.back());
}

ClientOptions Runner::client_for(const Engine& engine) const {
  ClientOptions options;
  options.address = engine.address(), options.api_key = engine.api_key();
  return options;
}

EndpointKind Runner::endpoint_of(const Workload& workload) const {
  if (workload.endpoint) return *workload.endpoint == "chat" ? EndpointKind::chat : EndpointKind::completions;
  const auto base = servers_.find(plan_.study.baseline().name);
  return base == servers_.end() ? servers_.begin()->second.engine->default_endpoint() : base->second.engine->default_endpoint();
}

Result<Runner::Flags> Runner::flags_of(Engine& engine) {
  std::string why = "interrupted";
  const bool llama = engine.facts().server == "llama-server";
  for (const Flags flags : {Flags{true, llama, !llama}, Flags{true, false, false}, Flags{false, false, false}}) {
    Outgoing probe{0, fmt::format("probe-{}", engine.facts().variant), "", true, {}};
    probe.ask.endpoint = engine.default_endpoint(), probe.ask.model = engine.served_model(), probe.ask.prompt = "Hello", probe.ask.max_tokens = 4;
    probe.ask.ignore_eos = flags.ignore_eos, probe.ask.cache_prompt_off = flags.cache_prompt_off, probe.ask.continuous_usage = flags.continuous_usage;
    const auto send = [&] { return closed_loop(client_for(engine), {probe}, 1, stop_, [](const RequestRecord&) {}); };
    auto result = send();
    if (!result.records.empty() && result.records.front().failure == Failure::http_5xx) result = send();   // a single one is no verdict on a server
    if (result.records.empty()) break;                       // asked to stop before it was sent
    const auto& record = result.records.front();
    if (record.ok() || record.failure == Failure::truncated) return flags;   // too short an answer is one, too
    why = record.failure_detail.empty() ? std::string(to_string(*record.failure)) : record.failure_detail;
    if (record.failure != Failure::http_4xx) break;
  }
  return fail(Fault::engine, why);
}

std::string Runner::hang_of(Engine& engine, int in_vain, Seconds patience) {
  const auto answers = flags_of(engine);
  if (answers) return {};
  return fmt::format("it hangs: {} got no byte for {:g} s, and a short one after {} failed ({})", in_vain == 1 ? "a request" : fmt::format("{} requests", in_vain), patience.count(), in_vain == 1 ? "it" : "them",
                     answers.error().message);
}

Status Runner::settle_flags() {
  if (flags_ || stopping()) return ok();
  for (auto& [variant, server] : servers_)
    if (auto s = learn_flags(variant, server); !s) return s;
  return ok();
}

Status Runner::learn_flags(const std::string& variant, Server& server) {
  const auto own = flags_of(*server.engine);
  if (!own && stopping()) return ok();
  if (!own) {
    const auto died = server.engine->died();
    return fail(Fault::engine, fmt::format("the server of {} is up but does not answer a short request ({}){}", variant, own.error().message, died ? ": " + *died : "; try it by hand with curl"));
  }
  const bool told = flags_ && !flags_->ignore_eos;
  Flags common = flags_.value_or(Flags{true, true, true});
  common.ignore_eos &= own->ignore_eos, common.cache_prompt_off &= own->cache_prompt_off, common.continuous_usage &= own->continuous_usage;
  if (!common.ignore_eos && !told)
    note("note", "A server does not accept ignore_eos, so answers may end early: output lengths differ, and tokens per second are compared.");
  flags_ = common;
  return ok();
}

MemorySampler& Runner::sampler(const std::string& loaded) {
  if (sampler_ && sampled_ == loaded) return *sampler_;
  sampler_.reset();
  std::vector<Watched> watched;
  for (const auto& [variant, server] : servers_) {
    if (server.asleep) continue;
    // What else is on the card now (idle servers, other programs) stays as it is while this one works.
    const bool gpu = variant == loaded && server.engine->pid().has_value();
    const std::int64_t beside = plan_.switching == Switch::sleep ? server.gpu_beside : gpu_used() - server.gpu_idle;
    watched.push_back({variant, server.engine->pid(), gpu, gpu ? beside : 0});
  }
  sampled_ = loaded;
  sampler_ = std::make_unique<MemorySampler>(std::move(watched), Seconds(0.5));
  return *sampler_;
}

}  // namespace qc
