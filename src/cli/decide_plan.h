#pragma once
// Study -> Plan with the way variants take turns decided for this machine, and a first guess of its speed.
#include "core/result.h"
#include "study/plan.h"

namespace qc {

Plan plan_for_this_machine(const Study& study);

/// Decode is bound by reading the weights: tokens a second of one request are about bandwidth / bytes of the baseline. Rough on
/// purpose (a factor of two either way): the run replaces it with its own visits.
SpeedGuess guess_speed(const Study& study);

}  // namespace qc
