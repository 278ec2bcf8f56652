// Our own error against its limits.
#include <algorithm>
#include <functional>

#include <fmt/format.h>

#include "doctor/rules.h"

namespace qc {
namespace {

constexpr double kMemoryLimitMib = 32;        // at 256 streams
constexpr double kEnoughRate = 2 * 25'600;    // tokens a second: twice 256 streams with a token every 10 ms

std::vector<const ErrorStage*> stages_of(const Diagnosis& d, StageAim aim) {
  std::vector<const ErrorStage*> out;
  for (const ErrorStage& each : d.error.stages)
    if (each.plan.aim == aim) out.push_back(&each);
  return out;
}

std::string words(const StagePlan& plan) { return fmt::format("{} {}, {}", plan.streams, plan.streams == 1 ? "stream" : "streams", plan.server.rhythm == Rhythm::jittered ? "jittered" : "in lock-step"); }

/// The stage in which a figure is highest.
struct Worst { const ErrorStage* stage = nullptr; double value = 0; };
using FigureOf = std::function<std::optional<double>(const ErrorStage&)>;
Worst worst_of(const Diagnosis& d, const FigureOf& figure) {
  Worst out;
  for (const ErrorStage* each : stages_of(d, StageAim::error))
    if (const auto value = figure(*each); value && (!out.stage || *value > out.value)) out = {each, *value};
  return out;
}

Judgement nothing() { return {Severity::invalid, "nothing could be measured", "see own_error.answers"}; }

/// A spread's worst p99 against our own limit, and against the share of `figure` that METRICS.md lets us distort.
Judgement against(const Diagnosis& d, std::string_view what, ErrorSpread ErrorStage::*spread, double limit_us, Nanos MetronomeOptions::*figure, std::string_view figure_words) {
  const Worst worst = worst_of(d, [&](const ErrorStage& s) { return (s.*spread).p99; });
  if (!worst.stage) return nothing();
  const ErrorSpread& s = worst.stage->*spread;
  const double distorts_us = kDistortionShare * millis(worst.stage->plan.server.*figure) * 1e3;
  std::string found = fmt::format("{} off by {:.0f} us (p50), {:.0f} us (p99), {:.0f} us (most) at worst: {}; limit {:.0f} us (p99)", what, *s.p50, *s.p99, *s.max, words(worst.stage->plan), limit_us);
  if (worst.value <= limit_us) return {Severity::fine, std::move(found)};
  if (worst.value <= distorts_us) return {Severity::warning, std::move(found), late_because(d)};
  return {Severity::invalid, fmt::format("{}; that is over 5 % of {} ({:.0f} ms)", found, figure_words, millis(worst.stage->plan.server.*figure)), late_because(d)};
}

/// A figure's worst against the share of `of` that it may distort.
Judgement lateness(const Diagnosis& d, std::string_view what, const Worst& worst, Nanos of, std::string_view of_words) {
  const double limit_us = kDistortionShare * micros(of);
  std::string found = fmt::format("{} {:.0f} us (p99) at worst: {}; limit {:.0f} us, 5 % of {}", what, worst.value, words(worst.stage->plan), limit_us, of_words);
  return worst.value <= limit_us ? Judgement{Severity::fine, std::move(found)} : Judgement{Severity::invalid, std::move(found), late_because(d)};
}

std::size_t sum(const Diagnosis& d, std::size_t ErrorStage::*member) {
  std::size_t out = 0;
  for (const ErrorStage& each : d.error.stages) out += each.*member;
  return out;
}

}  // namespace

Judgement rule_answers(const Diagnosis& d) {
  const std::size_t requests = sum(d, &ErrorStage::requests), failed = sum(d, &ErrorStage::failed), unmatched = sum(d, &ErrorStage::unmatched);
  if (requests == 0) return {Severity::invalid, "the built-in server was asked nothing", "let doctor run to its end"};
  std::string found = fmt::format("{} requests, {} tokens from the built-in server; {} failed, {} not as they were sent", requests, sum(d, &ErrorStage::tokens), failed, unmatched);
  if (failed + unmatched == 0) return {Severity::fine, std::move(found)};
  return {Severity::invalid, std::move(found), "ask again on an idle machine; where it stays, report it as a defect of quantcase, with doctor --json"};
}

Judgement rule_events(const Diagnosis& d) { return against(d, "a token's instant is", &ErrorStage::event_us, kEventLimitUs, &MetronomeOptions::gap, "the gap between tokens"); }

Judgement rule_first_tokens(const Diagnosis& d) { return against(d, "a first token's instant is", &ErrorStage::first_us, kFirstTokenLimitUs, &MetronomeOptions::first, "the time to the first token"); }

Judgement rule_sends(const Diagnosis& d) {
  const Worst worst = worst_of(d, [](const ErrorStage& s) { return s.send_lateness_p99_us; });
  return worst.stage ? lateness(d, "requests are sent late by", worst, worst.stage->plan.server.first, "the time to the first token") : nothing();
}

Judgement rule_reads(const Diagnosis& d) {
  const Worst worst = worst_of(d, [](const ErrorStage& s) { return s.read_lag_p99_us; });
  if (!worst.stage) return nothing();
  if (sum(d, &ErrorStage::user_stamps) > 0) return lateness(d, "some tokens carry the instant of our read, which is late by", worst, worst.stage->plan.server.gap, "the gap between tokens");
  // Bytes of one stream that are read together carry the stamp of the last of them.
  std::string found = fmt::format("reads are late by {:.0f} us (p99) at worst: {}; under the kernel's stamps that distorts nothing below the gap between tokens", worst.value, words(worst.stage->plan));
  if (worst.value <= micros(worst.stage->plan.server.gap)) return {Severity::fine, std::move(found)};
  return {Severity::warning, std::move(found), late_because(d)};
}

Judgement rule_event_stamps(const Diagnosis& d) {
  const std::size_t kernel = sum(d, &ErrorStage::kernel_stamps), user = sum(d, &ErrorStage::user_stamps), all = kernel + user;
  if (all == 0) return nothing();
  const double share = 100 * static_cast<double>(kernel) / static_cast<double>(all);
  std::string found = fmt::format("{} of {} tokens carry the kernel's stamp ({:.2f} %); {} were dropped", kernel, all, share, user);
  if (user == 0) return {Severity::fine, std::move(found)};
  if (kernel == 0) return {Severity::warning, std::move(found), "see kernel.stamps: without them an instant is that of our read"};
  return {user * 1000 > all ? Severity::warning : Severity::note, std::move(found), "those carry the instant of our read; where the wall clock is set meanwhile (see clock.wall), or memory is short, stamps are lost"};
}

Judgement rule_cost(const Diagnosis& d) {
  const ErrorStage* most = nullptr;
  for (const ErrorStage& each : d.error.stages)
    if (each.plan.aim == StageAim::error && each.cpu_us_per_token && (!most || each.plan.streams > most->plan.streams)) most = &each;
  if (!most) return nothing();
  return {Severity::fine, fmt::format("{:.1f} us of CPU a token at {} streams, connecting and records included", *most->cpu_us_per_token, most->plan.streams)};
}

Judgement rule_rate(const Diagnosis& d) {
  double highest = 0;
  for (const ErrorStage& each : d.error.stages) highest = std::max(highest, each.tokens_per_s.value_or(0));
  std::string found = fmt::format("the highest rate seen is {:.0f} tokens a second (server and client on this machine)", highest);
  if (stages_of(d, StageAim::rate).empty()) return {Severity::note, "the highest rate was not tried", "let doctor run to its end"};
  if (highest >= kEnoughRate) return {Severity::fine, std::move(found)};
  return {Severity::warning, fmt::format("{}; 256 streams with a token every 10 ms leave no room below {:.0f}", found, kEnoughRate), late_because(d)};
}

Judgement rule_own_memory(const Diagnosis& d) {
  std::string found = fmt::format("{:.0f} MiB at most, with 256 streams; limit {:.0f} MiB", d.error.peak_rss_mib, kMemoryLimitMib);
  if (d.error.peak_rss_mib <= kMemoryLimitMib) return {Severity::fine, std::move(found)};
  return {Severity::note, std::move(found), "a debug or sanitizer build takes more; of a release build, report it"};
}

std::string late_because(const Diagnosis& d) {
  const MachineFacts& m = d.machine;
  std::vector<std::string> causes;
  if (m.build_type != "Release") causes.push_back(fmt::format("this quantcase is a {} build: take a release build", m.build_type));
  if (m.cpu_use.others.value_or(0) > 0.1 * m.cpu.cores) causes.push_back(fmt::format("other programs kept {:.1f} of {} cores busy meanwhile: end them and ask again", *m.cpu_use.others, m.cpu.cores));
  if (m.cpu_use.stolen_share.value_or(0) > 0.01) causes.push_back(fmt::format("the hypervisor kept {:.0f} % of the time: take a machine with cores of its own", 100 * *m.cpu_use.stolen_share));
  if (d.error.scheduling == "ordinary") causes.emplace_back("our thread may not run ahead of others: run as root, or with CAP_SYS_NICE");
  if (!m.stamps.receive) causes.emplace_back("the kernel gives no stamps: see kernel.stamps");
  if (std::ranges::any_of(m.cpu.governors, [](const std::string& g) { return g != "performance"; })) causes.emplace_back("cores wake up slowly: see cpu.governor");
  if (m.cpu.cores < 2) causes.emplace_back("client and server share one core: give it another");
  if (causes.empty() && m.cpu.is_virtual) causes.emplace_back("a virtual machine's timers and wake-ups are late at times: ask again, or measure on the host");
  if (causes.empty()) causes.emplace_back("nothing here explains it: ask again, and report it where it stays, with doctor --json");
  return fmt::format("{}", fmt::join(causes, "; "));
}

}  // namespace qc
