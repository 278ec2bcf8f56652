#pragma once
// What the verbs that load one endpoint have in common.
#include <string_view>

#include "cli/verbs.h"
#include "measure/load/load_run.h"

namespace qc {

/// "FLAG FOUND: accepted: ...", as usage.
Failed wrong_flag(std::string_view flag, std::string_view found, std::string_view accepted);

/// A load without a shape: address, key, model, lengths, seed. Fails as usage.
Result<LoadSpec> load_spec_of(const EndpointFlags& flags);

/// Waits for the server, asks it for its model where none is named, and makes the prompts, their tokens counted by the server where it can. Fails as engine or usage.
Result<PromptSet> make_ready(const EndpointFlags& flags, LoadSpec& spec);

/// Raises the limit of open files to what so many connections need (open loop: as far as it goes, since nobody knows). Fails as usage where the system does not allow that.
Status allow_connections(std::optional<int> concurrency);

}  // namespace qc
