#include "measure/engines/sleep.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "core/json.h"
#include "measure/client/openai.h"

namespace qc {
namespace {

constexpr Seconds kOneAnswer{5};

Failed refused(const Engine& engine, const char* path, const HttpReply& reply) {
  const bool full = reply.body.find("out of memory") != std::string::npos;
  const char* why = reply.status == 404 ? ": it was started without its development endpoints (VLLM_SERVER_DEV_MODE=1)"
                    : full              ? ": the card is too full for it; `nvidia-smi` names who else holds its memory: end it, or lower `engine.gpu_memory_utilization` for all variants"
                                        : "";
  return fail(Fault::engine, fmt::format("the server of {} answered {} to {}{} ({})", engine.facts().variant, reply.status, path, why, describe_status(static_cast<int>(reply.status), reply.body)));
}

Status post(const Engine& engine, const char* path, Seconds limit) {
  const auto reply = http_post(engine.address(), path, "{}", limit, engine.api_key());
  if (!reply) return fail(Fault::engine, fmt::format("the server of {} gave no answer to {}: {}", engine.facts().variant, path, reply.error().message));
  if (reply->status != 200) return refused(engine, path, *reply);
  return ok();
}

Status one_token(const Engine& engine, Seconds limit) {
  const std::string ask = Json{{"model", engine.served_model()}, {"prompt", "Hello"}, {"max_tokens", 1}}.dump();
  const auto reply = http_post(engine.address(), "/v1/completions", ask, limit, engine.api_key());
  if (!reply) return fail(Fault::engine, fmt::format("the server of {} gave no token after it was woken: {}", engine.facts().variant, reply.error().message));
  if (reply->status != 200) return refused(engine, "/v1/completions", *reply);
  return ok();
}

}  // namespace

Status ask_to_sleep(const Engine& engine, Seconds limit) { return post(engine, "/sleep?level=1", limit); }

Status wake_and_try(const Engine& engine, Seconds limit) {
  const auto begun = std::chrono::steady_clock::now();
  const auto left = [&] { return Seconds(limit - (std::chrono::steady_clock::now() - begun)); };
  if (auto s = post(engine, "/wake_up", limit); !s) return s;
  for (;; std::this_thread::sleep_for(std::chrono::milliseconds(20))) {
    const auto health = http_get(engine.address(), "/health", kOneAnswer, engine.api_key());
    if (health && health->status == 200) break;
    if (left().count() <= 0) return fail(Fault::engine, fmt::format("the server of {} was not healthy again {:g} s after it was woken", engine.facts().variant, limit.count()));
  }
  return one_token(engine, std::max(left(), kOneAnswer));
}

SleepProof prove_sleep(const CardUse& awake, const CardUse& now, const CardUse& took, const VariantFacts& facts) {
  SleepProof proof;
  std::int64_t grew = 0;
  for (std::size_t i = 0; i < std::min({awake.size(), now.size(), took.size()}); ++i) {
    if (took[i] <= 0) continue;
    grew += took[i];
    proof.freed += awake[i] - now[i];
  }
  const std::int64_t known = facts.weights_bytes.value_or(0) + facts.kv_bytes.value_or(0);
  if (grew > 0) proof.needed = (facts.weights_bytes && facts.kv_bytes ? known : grew) / 2;
  return proof;
}

}  // namespace qc
