#pragma once
// What a study names, looked into before anything starts.
#include "core/result.h"
#include "study/study.h"

namespace qc {

/// `plan` starts nothing: a server's program that is not on this machine is no fault there.
enum class Programs { must_be_here, may_be_elsewhere };

/// Reads what a run would only find out about later: prompt files, the headers of local GGUF files against `expect`, whether local
/// safetensors are cut short, programs, names of cards, kinds that this version does not start. Fails with every problem, each with its
/// line of the study file: as usage, or as refused where all that is wrong is a file that is not what `expect` says.
Status check_inputs(const Study& study, Programs programs);

/// Why a run could start no server on this machine: its program is not here. Empty: it is, or the servers run elsewhere or already.
std::string absent_server(const Study& study);

}  // namespace qc
