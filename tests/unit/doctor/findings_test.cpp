// The rules as a table: one fact changed, and what it is called then.
#include <gmock/gmock.h>

#include <functional>
#include <set>

#include "unit/doctor/healthy.h"

namespace qc {
namespace {
using test::finding;
using test::healthy;
using testing::HasSubstr;

TEST(Findings, OfAHealthyMachineAreAllFineAndNeedNothing) {
  std::set<std::string> ids;
  for (const Finding& each : findings_of(healthy())) {
    EXPECT_EQ(each.severity, Severity::fine) << each.id << ": " << each.found;
    EXPECT_EQ(each.remedy, "") << each.id;
    EXPECT_NE(each.found, "") << each.id;
    EXPECT_TRUE(ids.insert(each.id).second) << each.id;
  }
  EXPECT_TRUE(may_measure(findings_of(healthy())));
}

struct Case {
  std::string_view id;
  Severity severity;
  std::function<void(Diagnosis&)> change;
  std::string found, remedy;              ///< parts of them
};

constexpr auto kFine = Severity::fine, kNote = Severity::note, kWarning = Severity::warning, kInvalid = Severity::invalid;
using D = Diagnosis;

const Case kCases[] = {
    // Limits: 50 and 100 us; invalid beyond 5 % of the gap (10 ms) and of the first token (50 ms).
    {"own_error.events", kFine, [](D& d) { d.error.stages[4].event_us.p99 = 50; }, "50 us (p99), 90 us (most) at worst: 256 streams, in lock-step; limit 50 us", ""},
    {"own_error.events", kWarning, [](D& d) { d.error.stages[5].event_us.p99 = 50.1; }, "at worst: 256 streams, jittered", "nothing here explains it"},
    {"own_error.events", kInvalid, [](D& d) { d.error.stages[0].event_us.p99 = 501; }, "at worst: 1 stream, in lock-step; limit 50 us (p99); that is over 5 % of the gap between tokens (10 ms)", "ask again"},
    {"own_error.events", kFine, [](D& d) { d.error.stages[6].event_us.p99 = 5000; }, "", ""},   // the rate stage is no question of error
    {"own_error.first_token", kWarning, [](D& d) { d.error.stages[3].first_us.p99 = 2500; }, "2500 us (p99)", "ask again"},
    {"own_error.first_token", kInvalid, [](D& d) { d.error.stages[3].first_us.p99 = 2501; }, "5 % of the time to the first token (50 ms)", "ask again"},
    {"own_error.send", kInvalid, [](D& d) { d.error.stages[4].send_lateness_p99_us = 2501; }, "limit 2500 us", "ask again"},
    {"own_error.read", kFine, [](D& d) { d.error.stages[4].read_lag_p99_us = 10'000; }, "distorts nothing", ""},
    {"own_error.read", kWarning, [](D& d) { d.error.stages[4].read_lag_p99_us = 10'001; }, "late by 10001 us", "ask again"},
    {"own_error.read", kInvalid, [](D& d) { d.error.stages[4].read_lag_p99_us = 501; d.error.stages[1].user_stamps = 1; }, "limit 500 us", "ask again"},
    {"own_error.stamps", kNote, [](D& d) { d.error.stages[5].user_stamps = 5; }, "5 were dropped", "instant of our read"},
    {"own_error.stamps", kWarning, [](D& d) { for (auto& s : d.error.stages) s.user_stamps = s.kernel_stamps, s.kernel_stamps = 0; }, "(0.00 %)", "see kernel.stamps"},
    {"own_error.answers", kInvalid, [](D& d) { d.error.stages[2].failed = 1; }, "1 failed", "idle machine"},
    {"own_error.answers", kInvalid, [](D& d) { d.error.stages[2].unmatched = 2; }, "2 not as they were sent", "report it"},
    {"own_error.answers", kInvalid, [](D& d) { d.error.stages.clear(); }, "asked nothing", "to its end"},
    {"own_error.rate", kWarning, [](D& d) { d.error.stages[6].tokens_per_s = 30'000; }, "30000 tokens a second", "ask again"},
    {"own_error.cpu", kFine, [](D& d) { d.error.stages[5].cpu_us_per_token = 7; }, "4.5 us of CPU a token at 256 streams", ""},
    {"own_error.memory", kNote, [](D& d) { d.error.peak_rss_mib = 33; }, "33 MiB", "release build"},
    {"kernel.stamps", kWarning, [](D& d) { d.machine.stamps = {false, false}; }, "receive stamps are not given", "kernel"},
    {"kernel.stamps", kNote, [](D& d) { d.machine.stamps.send = false; }, "send stamps not given", "after our call"},
    {"kernel.io_uring", kNote, [](D& d) { d.machine.ring = {false, "Operation not permitted"}; }, "can't be had: Operation not permitted", "epoll"},
    {"clock.source", kWarning, [](D& d) { d.machine.clock.source = "hpet"; }, "hpet", "clocksource=tsc"},
    {"clock.source", kWarning, [](D& d) { d.machine.clock.resolution_ns = 4'000'000; }, "resolution 4000000 ns", "high-resolution timers"},
    {"clock.source", kFine, [](D& d) { d.machine.clock.source = ""; }, "source not told", ""},
    {"clock.wall", kWarning, [](D& d) { d.machine.wall.moved = Nanos(-2'000'000); }, "-2000 us", "slew"},
    {"cpu.load", kWarning, [](D& d) { d.machine.cpu_use.others = 1.7; }, "others kept 1.70 cores busy", "end them"},
    {"cpu.load", kFine, [](D& d) { d.machine.cpu_use.others = 1.6; }, "", ""},
    {"cpu.load", kWarning, [](D& d) { d.machine.cpu_use.stolen_share = 0.05; }, "the hypervisor 5.0 %", "cores of its own"},
    {"cpu.load", kFine, [](D& d) { d.machine.cpu_use = {}; }, "load n/a before", ""},
    {"cpu.load", kWarning, [](D& d) { d.machine.cpu.cores = 1; }, "1 core; ", "another core"},
    {"cpu.scheduling", kNote, [](D& d) { d.error.scheduling = "ordinary"; }, "ordinary", "CAP_SYS_NICE"},
    {"cpu.governor", kNote, [](D& d) { d.machine.cpu.governors = {"performance", "powersave"}; }, "performance, powersave", "cpupower"},
    {"cpu.governor", kFine, [](D& d) { d.machine.cpu.governors = {}; }, "not told", ""},
    {"power", kWarning, [](D& d) { d.machine.on_battery = true; }, "on battery", "plug it in"},
    {"power", kFine, [](D& d) { d.machine.on_battery.reset(); }, "no battery", ""},
    {"engine.vllm", kNote, [](D& d) { d.machine.engines[1] = {"vllm", std::nullopt, "no vllm in PATH"}; }, "not found", "no vllm in PATH"},
    {"gpu", kNote, [](D& d) { d.machine.gpus.clear(); }, "say nothing of a GPU's speed", "--gpus all"},
    {"gpu", kInvalid, [](D& d) { d.machine.gpus[0].now.event_reasons = 0x40; }, "slowed down", "cool the card"},
    {"gpu", kFine, [](D& d) { d.machine.gpus[0].now = {}; }, "n/a W, n/a MHz", ""},
    {"gpu", kNote, [](D& d) { d.machine.gpus[0].card.used_bytes = std::int64_t{5} << 30; }, "5.0 GiB of 80.0 GiB in use, ", "nvidia-smi"},
    {"gpu", kFine, [](D& d) { d.machine.gpus[0].processes = {{4643, "python3", std::int64_t{16} << 30}, {1649, "", std::int64_t{1} << 30}, {7, "llama-server", {}}}; }, "in use (by python3, process 4643, 16.0 GiB; process 1649, 1.0 GiB; llama-server, process 7), ", ""},
    {"files", kNote, [](D& d) { d.machine.files = {256, 1064}; }, "256 open files, which we may raise to 1064: 1000 streams", "ulimit -n 10064"},
    {"files", kWarning, [](D& d) { d.machine.files = {256, 319}; }, "255 streams", "at most 255 streams"},
    {"ports", kInvalid, [](D& d) { d.machine.ports.none_free = "no free port on 127.0.0.1: why"; }, "no free port", "ss -ltn"},
    {"ports", kNote, [](D& d) { d.machine.ports.last = 40'000; }, "32768 to 40000", "ip_local_port_range"},
    {"ports", kFine, [](D& d) { d.machine.ports.taken = {8000, 30000}; }, "in use: 8000, 30000", ""},
    {"disk.cache", kWarning, [](D& d) { d.machine.folders[1].writable = false; }, "not writable", "QUANTCASE_CACHE"},
    {"disk.working_folder", kWarning, [](D& d) { d.machine.folders[0].free_bytes = (std::int64_t{1} << 30) - 1; }, ".: 1.0 GiB free", "make room"},
    {"disk.working_folder", kFine, [](D& d) { d.machine.folders[0].free_bytes.reset(); }, "n/a free", ""},
    {"memory", kWarning, [](D& d) { d.machine.available_bytes = std::int64_t{1} << 30; }, "1.0 GiB of 64.0 GiB", "swaps"},
};

TEST(Findings, EachFactHasItsFindingAndItsRemedy) {
  for (const Case& each : kCases) {
    Diagnosis d = healthy();
    each.change(d);
    const Finding f = finding(d, each.id);
    EXPECT_EQ(f.severity, each.severity) << each.id << ": " << f.found;
    EXPECT_THAT(f.found, HasSubstr(each.found)) << each.id;
    EXPECT_THAT(f.remedy, HasSubstr(each.remedy)) << each.id;
    for (const Finding& any : findings_of(d)) EXPECT_EQ(any.remedy.empty(), any.severity == Severity::fine) << any.id << ", after " << each.id;
    EXPECT_EQ(may_measure(findings_of(d)), each.severity != Severity::invalid) << each.id;
  }
}

TEST(Findings, EveryRuleHasACase) {
  std::set<std::string_view> seen;
  for (const Case& each : kCases) seen.insert(each.id);
  seen.insert("engine.llama");   // the same rule as engine.vllm
  for (const Finding& each : findings_of(healthy())) EXPECT_TRUE(seen.contains(each.id)) << each.id;
}

TEST(Findings, WhatMakesUsLateIsNamedWithItsRemedy) {
  Diagnosis d = healthy();
  d.error.stages[5].event_us.p99 = 60;
  d.machine.cpu_use.others = 3;
  d.machine.cpu_use.stolen_share = 0.04;
  d.error.scheduling = "ordinary";
  const std::string remedy = finding(d, "own_error.events").remedy;
  for (const char* part : {"kept 3.0 of 16 cores busy meanwhile: end them", "hypervisor kept 4 %", "CAP_SYS_NICE"}) EXPECT_THAT(remedy, HasSubstr(part));
  d = healthy();
  d.error.stages[5].event_us.p99 = 60;
  d.machine.cpu.is_virtual = true;
  EXPECT_THAT(finding(d, "own_error.events").remedy, HasSubstr("virtual machine"));
  d.machine.build_type = "Debug";
  EXPECT_EQ(finding(d, "own_error.events").remedy, "this quantcase is a Debug build: take a release build");
  d.machine.build_type = "Release", d.machine.stamps.receive = false;
  EXPECT_EQ(finding(d, "own_error.events").remedy, "the kernel gives no stamps: see kernel.stamps");
}

}  // namespace
}  // namespace qc
