#include "cli/this_machine.h"

#include "catalog/cards.h"
#include "catalog/models.h"
#include "core/host.h"
#include "measure/telemetry/telemetry.h"

namespace qc {
namespace {

std::optional<KnownCard> named_card(const Study& study) {
  return study.hardware.name ? find_card(*study.hardware.name) : std::nullopt;
}

}  // namespace

Machine machine_for(const Study& study, For what) {
  Machine machine;
  machine.memory_bytes = host_info().memory_bytes;
  if (const auto gpus = list_gpus(); !gpus.empty()) {
    machine.free_bytes = available_memory_bytes();
    machine.card = Machine::Card{gpus.front().name, gpus.front().memory_bytes, gpus.front().used_bytes};
  } else if (const auto card = named_card(study); card && what == For::plan) {
    machine.card = Machine::Card{card->name, card->memory_bytes, 0};   // another machine: its host's memory is not known
  }
  for (const Variant& v : study.variants) {
    if (v.url || study.engine.url) continue;
    const auto size = model_size(study, v);
    machine.weights_bytes.push_back(size ? std::optional(size->weights_bytes) : std::nullopt);
  }
  return machine;
}

}  // namespace qc
