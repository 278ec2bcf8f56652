// Which way a variant's server comes about: attached to, started, or not yet possible.
#include <fmt/format.h>

#include "measure/engines/http_engine.h"

namespace qc {
namespace {

Failed not_launched(const Variant& variant) {
  const auto model = variant.model.empty() ? std::string("MODEL") : variant.model;
  return fail(Fault::engine, fmt::format("{}: quantcase does not start sglang servers itself yet: start it, and give its address in [[variant]]: url = "
                                         "\"http://127.0.0.1:8000\". For example: python -m sglang.launch_server --model-path {} --served-model-name {} --port 8000",
                                         variant.name, model, variant.name));
}

}  // namespace

Result<std::unique_ptr<Engine>> launch(const Variant& variant, const LaunchContext& context) {
  const auto& engine = context.study->engine;
  if (const auto url = url_of(variant, engine)) return attach(variant, *url, context);
  if (engine.kind == EngineKind::llama) return launch_llama(variant, context);
  if (engine.kind == EngineKind::openai)
    return fail(Fault::engine, fmt::format("{}: engine.kind = \"openai\" attaches to a server that runs already: give its address as `url` under [engine] or "
                                           "[[variant]]", variant.name));
  if (engine.kind == EngineKind::vllm) return launch_vllm(variant, context);
  return not_launched(variant);
}

}  // namespace qc
