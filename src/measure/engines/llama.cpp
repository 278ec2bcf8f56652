// llama-server: started, waited for, and asked what it is.
#include <fmt/format.h>

#include <chrono>
#include <thread>

#include "core/files.h"
#include "core/stop.h"
#include "core/text.h"
#include "measure/engines/diagnosis.h"
#include "measure/engines/http_engine.h"
#include "measure/engines/llama_command.h"
#include "measure/engines/llama_facts.h"

namespace qc {
namespace {

using SteadyClock = std::chrono::steady_clock;
constexpr auto kPollEvery = std::chrono::milliseconds(50);
constexpr Seconds kSayEvery{10}, kStrangerPatience{5};

double seconds_since(SteadyClock::time_point begin) { return Seconds(SteadyClock::now() - begin).count(); }

/// One start of one server: from its command to its first answer.
class Start {
 public:
  Start(const Variant& variant, const LaunchContext& context, std::vector<std::string> words, Endpoint endpoint)
      : variant_(variant), context_(context), words_(std::move(words)), endpoint_(std::move(endpoint)) {
    log_ = context.log_dir / fmt::format("{}.{}.log", slug(variant.name), context.start_number);
    command_ = shell_quoted(words_);
  }

  Status run() {
    const auto& engine = context_.study->engine;
    say(fmt::format("{}: starting {}", variant_.name, std::filesystem::path(words_.front()).filename().string()));
    begin_ = SteadyClock::now();
    auto server = StartedServer::start({.words = words_, .environment = engine.env}, log_, {.elsewhere = engine.connect.has_value(), .stop = engine.stop});
    if (!server) return fail(server.error().fault, fmt::format("{}: {}", variant_.name, server.error().message));
    server_.emplace(std::move(*server));
    auto ready = wait_until_ready();
    start_s_ = seconds_since(begin_);
    return ready;
  }

  bool lost_its_port() const { return port_was_taken(log_text()); }

  /// Moves everything out; call once, after run() succeeded.
  EngineParts take_parts() {
    EngineParts parts;
    parts.facts.variant = variant_.name;
    parts.facts.model = variant_.model;
    parts.facts.command = command_;
    parts.facts.url = endpoint_.address.text();
    parts.facts.start_s = start_s_;
    parts.endpoint = endpoint_;
    parts.model = llama_alias(*context_.study, variant_);
    parts.log = log_;
    parts.started.emplace(std::move(*server_));
    server_.reset();
    return parts;
  }

  std::string log_text() const {
    auto text = read_file(log_);
    return text ? std::move(*text) : std::string();
  }

 private:
  void say(const std::string& text) const {
    if (context_.say) context_.say(text);
  }

  Failed failed(const std::string& what, const std::optional<Exit>& exit = {}) const {
    return fail(Fault::engine, failure_report(fmt::format("the server of {} {}", variant_.name, what), log_text(), exit, command_, log_));
  }

  Status wait_until_ready() {
    const double limit = context_.study->engine.start_timeout_s;
    for (double said = kSayEvery.count();; std::this_thread::sleep_for(kPollEvery)) {
      if (context_.stop != nullptr && context_.stop->finish_in_hand())
        return fail(Fault::interrupted, fmt::format("interrupted while the server of {} was starting", variant_.name));
      if (const auto exit = server_->ended()) return failed(fmt::format("ended before it was ready: {}", exit->text()), exit);
      if (is_healthy(endpoint_)) {
        if (is_ours()) return ok();
        if (seconds_since(*stranger_since_) > kStrangerPatience.count()) return stranger();
      }
      const double waited = seconds_since(begin_);
      if (waited > limit) return failed(fmt::format("was not ready after {:g} s (engine.start_timeout_s)", limit));
      if (waited > said) {
        say(fmt::format("{}: still loading after {:.0f} s (limit {:g} s)", variant_.name, waited, limit));
        said += kSayEvery.count();
      }
    }
  }

  /// Between our look for a free port and the server's own bind another program may take it. Ours will then end on its own, so a
  /// stranger's answer is waited out first.
  bool is_ours() {
    const auto models = ask_models(endpoint_);
    const auto alias = llama_alias(*context_.study, variant_);
    if (models && std::any_of(models->begin(), models->end(), [&](const auto& m) { return m.goes_by(alias); })) return true;
    if (!stranger_since_) stranger_since_ = SteadyClock::now();
    if (models) answered_for_ = models->front().id;
    return false;
  }

  Failed stranger() const {
    return fail(Fault::refused, fmt::format("{} answers for the model \"{}\", not for {}: another server holds that port; stop it, or choose another `connect`",
                                            endpoint_.address.text(), answered_for_, variant_.name));
  }

  const Variant& variant_;
  const LaunchContext& context_;
  std::vector<std::string> words_;
  Endpoint endpoint_;
  std::filesystem::path log_;
  std::string command_, answered_for_;
  SteadyClock::time_point begin_;
  std::optional<SteadyClock::time_point> stranger_since_;
  double start_s_ = 0;
  std::optional<StartedServer> server_;
};

/// Where the server will listen and where we reach it: a free port here, or what `connect` says.
struct Place { Listen listen; Endpoint endpoint; };

Result<Place> choose_place(const EngineSpec& engine) {
  if (!engine.connect) {
    const auto port = free_port();
    if (!port) return fail(port.error());
    const auto text = std::to_string(*port);
    return Place{{"127.0.0.1", text}, {Address{.tls = false, .host = "127.0.0.1", .port = text, .base = ""}, ""}};
  }
  auto address = parse_url(engine.connect->find("://") == std::string::npos ? "http://" + *engine.connect : *engine.connect);
  if (!address) return fail(Fault::usage, fmt::format("engine.connect = \"{}\": {}; accepted: \"host:port\"", *engine.connect, address.error().message));
  Endpoint endpoint{*address, key_from_environment()};
  if (is_healthy(endpoint))
    return fail(Fault::engine, fmt::format("a server answers at {} (engine.connect) before ours was started: stop it first", address->text()));
  // In a container or on another machine its own 127.0.0.1 can't be reached from here.
  return Place{{"0.0.0.0", address->port}, std::move(endpoint)};
}

}  // namespace

Result<std::unique_ptr<Engine>> launch_llama(const Variant& variant, const LaunchContext& context) {
  const auto& study = *context.study;
  auto program = llama_server_command(study.engine);
  if (!program) return fail(program.error());
  const auto settings = llama_settings(study, host_info());
  for (int attempt = 1;; ++attempt) {
    auto place = choose_place(study.engine);
    if (!place) return fail(place.error());
    Start start(variant, context, llama_words(*program, study, variant, settings, place->listen), place->endpoint);
    const auto ready = start.run();
    if (!ready && attempt == 1 && !study.engine.connect && start.lost_its_port()) continue;
    if (!ready) return fail(ready.error());
    auto parts = start.take_parts();
    if (const auto described = describe_llama(parts, variant, settings, *program, start.log_text()); !described) return fail(described.error());
    return make_engine(std::move(parts));
  }
}

}  // namespace qc
