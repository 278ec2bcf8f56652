#include "measure/engines/server_start.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <thread>

#include "core/files.h"
#include "core/secrets.h"
#include "core/stop.h"
#include "core/text.h"
#include "measure/engines/diagnosis.h"

namespace qc {
namespace {

constexpr auto kPollEvery = std::chrono::milliseconds(50);
constexpr Seconds kSayEvery{10}, kStrangerPatience{5};

}  // namespace

Result<ServerPlace> choose_place(const EngineSpec& engine) {
  if (!engine.connect) {
    const auto port = free_port();
    if (!port) return fail(port.error());
    const auto text = std::to_string(*port);
    return ServerPlace{{"127.0.0.1", text}, {Address{.tls = false, .host = "127.0.0.1", .port = text, .base = ""}, ""}};
  }
  auto address = parse_url(engine.connect->find("://") == std::string::npos ? "http://" + *engine.connect : *engine.connect);
  if (!address) return fail(Fault::usage, fmt::format("engine.connect = \"{}\": {}; accepted: \"host:port\"", *engine.connect, address.error().message));
  Endpoint endpoint{*address, key_from_environment()};
  if (is_healthy(endpoint))
    return fail(Fault::engine, fmt::format("a server answers at {} (engine.connect) before ours was started: stop it first", address->text()));
  // In a container or on another machine its own 127.0.0.1 can't be reached from here.
  return ServerPlace{{"0.0.0.0", address->port}, std::move(endpoint)};
}

ServerStart::ServerStart(const Variant& variant, const LaunchContext& context, StartSpec spec)
    : variant_(variant), context_(context), spec_(std::move(spec)) {
  log_ = context.log_dir / fmt::format("{}.{}.log", slug(variant.name), context.start_number);
  command_ = shell_quoted(without_secrets(spec_.words));
}

Status ServerStart::run() {
  const auto& engine = context_.study->engine;
  say(fmt::format("{}: starting {}", variant_.name, std::filesystem::path(spec_.words.front()).filename().string()));
  begin_ = Clock::now();
  auto environment = engine.env;
  environment.insert(spec_.environment.begin(), spec_.environment.end());
  // NVML, from which memory and power are read, counts the cards by their bus; CUDA by itself puts the fastest first.
  if (std::getenv("CUDA_DEVICE_ORDER") == nullptr) environment.try_emplace("CUDA_DEVICE_ORDER", "PCI_BUS_ID");
  auto server = StartedServer::start({.words = spec_.words, .environment = environment}, log_, {.elsewhere = engine.connect.has_value(), .stop = engine.stop});
  if (!server) return fail(server.error().fault, fmt::format("{}: {}", variant_.name, server.error().message));
  server_.emplace(std::move(*server));
  auto ready = wait_until_ready();
  start_s_ = waited();
  return ready;
}

bool ServerStart::lost_its_port() const { return port_was_taken(log_text()); }

EngineParts ServerStart::take_parts() {
  EngineParts parts;
  parts.facts.variant = variant_.name;
  parts.facts.model = variant_.model;
  parts.facts.command = command_;
  parts.facts.url = spec_.endpoint.address.text();
  parts.facts.start_s = start_s_;
  parts.endpoint = spec_.endpoint;
  parts.model = spec_.alias;
  parts.log = log_;
  parts.started.emplace(std::move(*server_));
  server_.reset();
  return parts;
}

std::string ServerStart::log_text() const {
  auto text = read_file(log_);
  return text ? without_colours(*text) : std::string();
}

void ServerStart::say(const std::string& text) const {
  if (context_.say) context_.say(text);
}

Failed ServerStart::failed(const std::string& what, const std::optional<Exit>& exit) const {
  return fail(Fault::engine, failure_report(fmt::format("the server of {} {}", variant_.name, what), log_text(), exit, command_, log_));
}

Status ServerStart::wait_until_ready() {
  const double limit = context_.study->engine.start_timeout_s;
  for (double said = kSayEvery.count();; std::this_thread::sleep_for(kPollEvery)) {
    if (context_.stop != nullptr && context_.stop->finish_in_hand())
      return fail(Fault::interrupted, fmt::format("interrupted while the server of {} was starting", variant_.name));
    if (const auto exit = server_->ended()) return failed(fmt::format("ended before it was ready: {}", exit->text()), exit);
    if (is_healthy(spec_.endpoint)) {
      if (is_ours()) return ok();
      if (Seconds(Clock::now() - *stranger_since_) > kStrangerPatience) return stranger();
    }
    const double so_far = waited();
    if (so_far > limit) return failed(fmt::format("was not ready after {:g} s (engine.start_timeout_s)", limit));
    if (so_far < said) continue;
    const std::string phase = spec_.phase ? spec_.phase(log_text()) : std::string();
    say(fmt::format("{}: {} after {:.0f} s (limit {:g} s)", variant_.name, phase.empty() ? "still loading" : phase, so_far, limit));
    said += kSayEvery.count();
  }
}

/// Between our look for a free port and the server's own bind another program may take it. Ours will then end on its own, so a
/// stranger's answer is waited out first.
bool ServerStart::is_ours() {
  const auto models = ask_models(spec_.endpoint);
  if (models && std::any_of(models->begin(), models->end(), [&](const auto& m) { return m.goes_by(spec_.alias); })) return true;
  if (!stranger_since_) stranger_since_ = Clock::now();
  if (models) answered_for_ = models->front().id;
  return false;
}

Failed ServerStart::stranger() const {
  return fail(Fault::refused, fmt::format("{} answers for the model \"{}\", not for {}: another server holds that port; stop it, or choose another `connect`",
                                          spec_.endpoint.address.text(), answered_for_, variant_.name));
}

}  // namespace qc
