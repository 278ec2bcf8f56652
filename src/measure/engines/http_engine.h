#pragma once
// The one Engine there is: an address that answers, what is known of it, and the process behind it where that is ours.
#include <memory>

#include "measure/engines/engine.h"
#include "measure/engines/probe.h"
#include "measure/engines/started_server.h"

namespace qc {

struct EngineParts {
  VariantFacts facts;
  Endpoint endpoint;
  std::string model;                            ///< as the server calls it
  EndpointKind default_endpoint = EndpointKind::chat;
  std::optional<StartedServer> started;         ///< empty: attached
  std::filesystem::path log;
};

std::unique_ptr<Engine> make_engine(EngineParts parts);

/// Attaches to the server at `url` for this variant; nothing is started or stopped.
Result<std::unique_ptr<Engine>> attach(const Variant& variant, const std::string& url, const LaunchContext& context);

/// Starts llama-server for this variant and waits until it answers.
Result<std::unique_ptr<Engine>> launch_llama(const Variant& variant, const LaunchContext& context);

/// Starts `vllm serve` for this variant and waits until it answers.
Result<std::unique_ptr<Engine>> launch_vllm(const Variant& variant, const LaunchContext& context);

/// The address that a variant attaches to: its own url, else the engine's; empty: it is started.
std::optional<std::string> url_of(const Variant& variant, const EngineSpec& engine);

/// OPENAI_API_KEY, or empty.
std::string key_from_environment();

}  // namespace qc
