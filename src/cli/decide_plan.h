#pragma once
// Study -> Plan with the way variants take turns decided for this machine, and a first guess of its speed.
#include "core/result.h"
#include "study/plan.h"

namespace qc {

Plan plan_for_this_machine(const Study& study);

/// Reads what a study names and a run would only find out about later: prompt files, the headers of local GGUF files against `expect`,
/// kinds that this version does not start. Fails as usage, or as refused where a file is not what `expect` says; names file and key.
Status check_inputs(const Study& study);

/// "6 minutes", "1 minute", "at most 10 minutes (study.max_minutes takes blocks away)".
std::string minutes_words(const Study& study, double minutes);

/// Decode is bound by reading the weights: tokens a second of one request are about bandwidth / bytes of the baseline. Rough on
/// purpose (a factor of two either way): the run replaces it with its own visits.
SpeedGuess guess_speed(const Study& study);

}  // namespace qc
