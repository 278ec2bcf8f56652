#include "measure/engines/http_engine.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <thread>

#include "core/files.h"
#include "core/text.h"
#include "measure/engines/diagnosis.h"
#include "measure/engines/metrics.h"
#include "measure/engines/vllm_log.h"

namespace qc {
namespace {

class HttpEngine final : public Engine {
 public:
  explicit HttpEngine(EngineParts parts) : parts_(std::move(parts)) {}

  [[nodiscard]] const VariantFacts& facts() const override { return parts_.facts; }
  [[nodiscard]] const Address& address() const override { return parts_.endpoint.address; }
  [[nodiscard]] std::string served_model() const override { return parts_.model; }
  [[nodiscard]] std::string api_key() const override { return parts_.endpoint.api_key; }
  [[nodiscard]] EndpointKind default_endpoint() const override { return parts_.default_endpoint; }
  [[nodiscard]] std::optional<int> pid() const override { return parts_.started ? parts_.started->pid() : std::nullopt; }
  [[nodiscard]] std::filesystem::path log_path() const override { return parts_.log; }

  std::optional<std::string> died() override {
    if (parts_.started) {
      if (const auto exit = parts_.started->ended()) return end_of_process(*exit);
      if (parts_.started->pid()) return end_of_engine();
    }
    return silence();
  }

  std::optional<Counters> counters() override {
    const auto text = ask_metrics(parts_.endpoint);
    const auto found = text ? prompt_counters(*text) : std::nullopt;
    return found ? std::optional(Counters{found->prompt_tokens, found->cached}) : std::nullopt;
  }

  std::optional<int> count_tokens(const std::string& text) override { return ask_token_count(parts_.endpoint, parts_.model, text); }

  std::string stop() override { return parts_.started ? parts_.started->stop() : "left running (attached)"; }

 private:
  [[nodiscard]] std::string log_text() const {
    auto text = read_file(parts_.log);
    return text ? without_colours(*text) : std::string();
  }

  [[nodiscard]] std::string end_of_process(const Exit& exit) const {
    return failure_report(fmt::format("the server of {} ended with {}", parts_.facts.variant, exit.text()), log_text(), exit, parts_.facts.command, parts_.log);
  }

  /// A vLLM answers each request with 500 for seconds after its engine's end: two visits were lost to that, and the cause never told.
  [[nodiscard]] std::optional<std::string> end_of_engine() const {
    const auto log = log_text();
    if (!vllm_engine_died(log)) return std::nullopt;
    return failure_report(fmt::format("the server of {} lost its engine", parts_.facts.variant), log, {}, parts_.facts.command, parts_.log);
  }

  /// A busy server may miss one answer; the second silence counts.
  [[nodiscard]] std::optional<std::string> silence() const {
    if (ask_models(parts_.endpoint)) return std::nullopt;
    std::this_thread::sleep_for(std::chrono::seconds(1));
    const auto again = ask_models(parts_.endpoint);
    if (again) return std::nullopt;
    return fmt::format("the server of {} no longer answers: {}", parts_.facts.variant, again.error().message);
  }

  EngineParts parts_;
};

}  // namespace

std::unique_ptr<Engine> make_engine(EngineParts parts) { return std::make_unique<HttpEngine>(std::move(parts)); }

std::optional<std::string> url_of(const Variant& variant, const EngineSpec& engine) { return variant.url ? variant.url : engine.url; }

std::string key_from_environment() {
  const char* key = std::getenv("OPENAI_API_KEY");
  return key != nullptr ? key : "";
}

}  // namespace qc
