#pragma once
// Study -> Plan with the way variants take turns decided for this machine, and a first guess of its speed.
#include <optional>

#include "catalog/fit.h"
#include "core/result.h"
#include "measure/engines/turns.h"
#include "study/plan.h"

namespace qc {

/// What the choice of turns was made from, and every way there is.
struct DecidedPlan { Plan plan; SwitchChoice choice; };

/// `run` looks at this machine alone; `plan` takes the card that hardware.name names where this machine has none.
enum class For { run, plan };
DecidedPlan decide_plan(const Study& study, For what);

/// Whether the study fits on the card that it would run on; empty where no card is known. A machine without a card has the one that
/// hardware.name names.
std::optional<Fit> fit_here(const Study& study);

/// "6 minutes", "1 minute", "10 minutes with 3 of 4 blocks (more would not fit into study.max_minutes = 11)".
std::string minutes_words(const Study& study, const PlanEstimate& estimate);

/// Decode is bound by reading the weights: tokens a second of one request are about bandwidth / bytes of the baseline. Rough on
/// purpose (a factor of two either way): the run replaces it with its own visits.
SpeedGuess guess_speed(const Study& study);

}  // namespace qc
