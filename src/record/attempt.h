#pragma once
// How the store numbers attempts: a second visit of a planned trial is a trial of its own.
namespace qc {

inline constexpr int kAttemptStep = 1'000'000;

constexpr int stored_trial_id(int planned_id, int attempt) { return planned_id + kAttemptStep * attempt; }
constexpr int planned_trial_id(int stored_id) { return stored_id % kAttemptStep; }

}  // namespace qc
