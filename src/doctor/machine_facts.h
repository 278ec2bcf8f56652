#pragma once
// What a measurement rests on, as this machine has it now. Unknown is std::nullopt, never 0.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/open_files.h"
#include "core/time.h"
#include "measure/telemetry/telemetry.h"
#include "record/telemetry.h"

namespace qc {

/// A program that starts servers, or why there is none.
struct EngineProgram { std::string name; std::optional<std::string> program; std::string missing; };

struct GpuState { GpuInfo card; GpuSample now; std::vector<GpuProcess> processes{}; };

struct ClockFacts {
  std::string source;                     ///< the kernel's clocksource; empty: not told
  double read_ns = 0;                     ///< what one reading of CLOCK_MONOTONIC costs
  std::int64_t resolution_ns = 0;         ///< as the kernel gives it
  std::int64_t smallest_step_ns = 0;      ///< seen between two readings
};

/// The wall clock against ours over some time: kernel stamps are wall time.
struct WallClockMove { Seconds watched{0}; Nanos moved{0}; };

struct CpuFacts {
  int cores = 0;                          ///< that we may use
  bool is_virtual = false;                ///< a hypervisor runs this machine
  std::vector<std::string> governors;     ///< of frequency, each once; empty: not told
};

/// Who else used the processors.
struct CpuUse {
  std::optional<double> load;             ///< average of the last minute before our own error was measured
  std::optional<double> others;           ///< meanwhile: cores' worth of time that was neither ours nor our server's
  std::optional<double> stolen_share;     ///< meanwhile: of all time, what the hypervisor kept
};

struct PortFacts {
  std::optional<int> first, last;         ///< ports that connections of ours may have
  std::vector<int> taken;                 ///< of the servers' usual ones
  std::string none_free;                  ///< why no server could listen; empty: one could
};

/// Room on a disk.
struct FolderRoom { std::string what, path; std::optional<std::int64_t> free_bytes; bool writable = false; };

/// Whether the kernel stamps what a socket on the loopback receives and sends.
struct StampFacts { bool receive = false, send = false; };

/// Whether the kernel lets us have an io_uring.
struct RingFacts { bool available = false; std::string why_not; };

struct MachineFacts {
  std::vector<EngineProgram> engines;
  std::vector<GpuState> gpus;
  ClockFacts clock;
  WallClockMove wall;
  CpuFacts cpu;
  CpuUse cpu_use;
  std::optional<bool> on_battery;
  PortFacts ports;
  OpenFileLimit files;
  std::vector<FolderRoom> folders;
  std::int64_t memory_bytes = 0, available_bytes = 0;
  StampFacts stamps;
  RingFacts ring;
  std::string os, kernel, cpu_model;
  std::string build_type;                 ///< of this program: "Release", "Debug"
};

}  // namespace qc
