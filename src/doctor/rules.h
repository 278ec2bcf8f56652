#pragma once
// The rules of findings.cpp, each of one finding. Internal to doctor.
#include "doctor/findings.h"

namespace qc {

/// What a rule says.
struct Judgement { Severity severity = Severity::fine; std::string found{}, remedy{}; };
using Rule = Judgement (*)(const Diagnosis&);

// Our own error (error_rules.cpp).
Judgement rule_answers(const Diagnosis& d);
Judgement rule_events(const Diagnosis& d);
Judgement rule_first_tokens(const Diagnosis& d);
Judgement rule_sends(const Diagnosis& d);
Judgement rule_reads(const Diagnosis& d);
Judgement rule_event_stamps(const Diagnosis& d);
Judgement rule_cost(const Diagnosis& d);
Judgement rule_rate(const Diagnosis& d);
Judgement rule_own_memory(const Diagnosis& d);
/// What most likely makes us late here, each with its remedy.
std::string late_because(const Diagnosis& d);

// Clocks and processors (time_rules.cpp).
Judgement rule_stamps(const Diagnosis& d);
Judgement rule_clock(const Diagnosis& d);
Judgement rule_wall_clock(const Diagnosis& d);
Judgement rule_load(const Diagnosis& d);
Judgement rule_scheduling(const Diagnosis& d);
Judgement rule_governor(const Diagnosis& d);
Judgement rule_power(const Diagnosis& d);

// What there is to measure with (machine_rules.cpp).
Judgement rule_llama(const Diagnosis& d);
Judgement rule_vllm(const Diagnosis& d);
Judgement rule_gpus(const Diagnosis& d);
Judgement rule_files(const Diagnosis& d);
Judgement rule_ports(const Diagnosis& d);
Judgement rule_working_folder(const Diagnosis& d);
Judgement rule_cache(const Diagnosis& d);
Judgement rule_memory(const Diagnosis& d);
Judgement rule_ring(const Diagnosis& d);

}  // namespace qc
