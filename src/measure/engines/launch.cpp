// Which way a variant's server comes about: attached to, started, or not yet possible.
#include <fmt/format.h>

#include "measure/engines/http_engine.h"

namespace qc {
namespace {

/// What to type to start the server oneself.
std::string own_start(const Variant& variant, EngineKind kind) {
  const auto model = variant.model.empty() ? std::string("MODEL") : variant.model;
  return kind == EngineKind::sglang ? fmt::format("python -m sglang.launch_server --model-path {} --served-model-name {} --port 8000", model, variant.name)
                                    : fmt::format("vllm serve {} --served-model-name {} --port 8000", model, variant.name);
}

Failed not_launched(const Variant& variant, EngineKind kind) {
  return fail(Fault::engine, fmt::format("{}: quantcase does not start {} servers itself yet: start it, and give its address in [[variant]]: url = "
                                         "\"http://127.0.0.1:8000\". For example: {}", variant.name, to_string(kind), own_start(variant, kind)));
}

}  // namespace

Result<std::unique_ptr<Engine>> launch(const Variant& variant, const LaunchContext& context) {
  const auto& engine = context.study->engine;
  if (const auto url = url_of(variant, engine)) return attach(variant, *url, context);
  if (engine.kind == EngineKind::llama) return launch_llama(variant, context);
  if (engine.kind == EngineKind::openai)
    return fail(Fault::engine, fmt::format("{}: engine.kind = \"openai\" attaches to a server that runs already: give its address as `url` under [engine] or "
                                           "[[variant]]", variant.name));
  return not_launched(variant, engine.kind);
}

}  // namespace qc
