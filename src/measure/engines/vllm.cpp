// vLLM: started, waited for, and asked what it is.
#include "measure/engines/server_start.h"
#include "measure/engines/vllm_command.h"
#include "measure/engines/vllm_facts.h"
#include "measure/engines/vllm_log.h"

namespace qc {

Result<std::unique_ptr<Engine>> launch_vllm(const Variant& variant, const LaunchContext& context) {
  const auto& study = *context.study;
  auto program = vllm_command(study.engine);
  if (!program) return fail(program.error());
  std::map<std::string, std::string> environment;
  if (context.can_sleep) environment = {{"VLLM_SERVER_DEV_MODE", "1"}};   // /sleep and /wake_up are development endpoints
  for (int attempt = 1;; ++attempt) {
    auto place = choose_place(study.engine);
    if (!place) return fail(place.error());
    ServerStart start(variant, context, {vllm_words(*program, study, variant, place->listen, context.can_sleep), place->endpoint, vllm_alias(study, variant), vllm_phase, environment});
    const auto ready = start.run();
    if (!ready && attempt == 1 && !study.engine.connect && start.lost_its_port()) continue;
    if (!ready) return fail(ready.error());
    auto parts = start.take_parts();
    if (const auto described = describe_vllm(parts, variant, context, start.log_text()); !described) return fail(described.error());
    return make_engine(std::move(parts));
  }
}

}  // namespace qc
