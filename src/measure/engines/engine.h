#pragma once
// One running server of one variant, whoever started it. llama-server and vLLM are started by us; any OpenAI-compatible server is attached to.
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "core/process.h"
#include "core/result.h"
#include "measure/client/http.h"
#include "measure/client/openai.h"
#include "record/record.h"
#include "study/study.h"

namespace qc {

/// A server that answers. Owns what it started: destroying it stops the process and waits for it. Used from one thread.
class Engine {
 public:
  virtual ~Engine() = default;
  [[nodiscard]] virtual const VariantFacts& facts() const = 0;
  [[nodiscard]] virtual const Address& address() const = 0;
  [[nodiscard]] virtual std::string served_model() const = 0;       ///< the name to put into requests
  [[nodiscard]] virtual std::string api_key() const = 0;            ///< from the environment (OPENAI_API_KEY) when attached; else empty
  [[nodiscard]] virtual EndpointKind default_endpoint() const = 0;  ///< chat where the server has a template
  [[nodiscard]] virtual std::optional<int> pid() const = 0;         ///< of the server's process where it is on this machine and ours
  /// Empty while it is up (an attached server: while it answers /v1/models; a vLLM: while its engine lives). Else how it ended with the
  /// log's last lines.
  virtual std::optional<std::string> died() = 0;
  /// Cumulative counters {prompt tokens, those from a cache included; of those from a cache}; empty where the server tells none.
  struct Counters { std::int64_t prompt_tokens = 0; std::int64_t prompt_tokens_cached = 0; };
  virtual std::optional<Counters> counters() = 0;
  /// Tokens of a text by this server's tokenizer, none added; empty where it has no /tokenize.
  virtual std::optional<int> count_tokens(const std::string& text) = 0;
  /// Ends it (attached: does nothing). "stopped", or how it had ended before; says so where a server started elsewhere may live on.
  virtual std::string stop() = 0;
  [[nodiscard]] virtual std::filesystem::path log_path() const = 0; ///< empty when attached
};

struct LaunchContext {
  const Study* study = nullptr;
  std::filesystem::path log_dir;                      ///< the server's whole output goes to log_dir/<variant>.<n>.log
  int start_number = 1;
  std::function<void(const std::string&)> say;        ///< progress lines
  const class StopFlag* stop = nullptr;               ///< gives up the wait for readiness
  std::optional<int> capability = {};                 ///< compute capability of the card, 89 for 8.9; empty: not known
  bool can_sleep = false;                             ///< vLLM: started so that it can be put to sleep and woken (sleep.h)
};

/// Starts (or attaches to) the server of one variant and waits until it answers. Fails as engine with the log's last lines when it
/// exits, never gets ready in start_timeout_s, cannot load the file or gives less than it was asked for; as refused when the address
/// answers for another model, or two variants are one model at one address; as interrupted by `stop`. Call it from the main thread:
/// the server dies with the thread that started it (core/process.h).
Result<std::unique_ptr<Engine>> launch(const Variant& variant, const LaunchContext& context);

/// The program that serves llama studies: engine.command, else our cached build, else llama-server in PATH. Fails as engine with the remedy.
Result<std::vector<std::string>> llama_server_command(const EngineSpec& engine);
/// The program that serves vLLM studies: engine.command (docker or ssh may stand in front), else `vllm` in PATH. Fails as engine with the remedy.
Result<std::vector<std::string>> vllm_command(const EngineSpec& engine);

}  // namespace qc
