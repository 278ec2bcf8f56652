// llama-server: started, waited for, and asked what it is.
#include "measure/engines/llama_command.h"
#include "measure/engines/llama_facts.h"
#include "measure/engines/server_start.h"

namespace qc {

Result<std::unique_ptr<Engine>> launch_llama(const Variant& variant, const LaunchContext& context) {
  const auto& study = *context.study;
  auto program = llama_server_command(study.engine);
  if (!program) return fail(program.error());
  const auto settings = llama_settings(study, host_info());
  for (int attempt = 1;; ++attempt) {
    auto place = choose_place(study.engine);
    if (!place) return fail(place.error());
    ServerStart start(variant, context, {llama_words(*program, study, variant, settings, place->listen), place->endpoint, llama_alias(study, variant), {}});
    const auto ready = start.run();
    if (!ready && attempt == 1 && !study.engine.connect && start.lost_its_port()) continue;
    if (!ready) return fail(ready.error());
    auto parts = start.take_parts();
    if (const auto described = describe_llama(parts, variant, settings, *program, start.log_text()); !described) return fail(described.error());
    return make_engine(std::move(parts));
  }
}

}  // namespace qc
