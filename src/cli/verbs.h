#pragma once
// One function a verb; each returns the process's exit code and prints what went wrong.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "study/study.h"

namespace qc {

struct CommonFlags {
  bool quiet = false, no_color = false, yes = false;
  std::string log;
  bool json = false;
  std::string json_file;           ///< with `json`: empty or "-" is stdout
  std::string command_line;        ///< as typed, for the record
};

struct RunFlags { std::string study, out; bool resume = false; std::vector<std::string> only, set, allow; std::string time_budget{}; };
int verb_run(const RunFlags& flags, const CommonFlags& common);

/// Measures a study that is read already. `flags` for its folder, and for what has to be typed again.
int run_and_report(const Study& study, const RunFlags& flags, const CommonFlags& common);

struct CompareFlags { std::string baseline, candidate, out; std::vector<std::string> models, set, allow; };
/// Two servers that run already, without a study file.
int verb_compare(const CompareFlags& flags, const CommonFlags& common);

struct PlanFlags { std::string study; std::vector<std::string> only, set; };
int verb_plan(const PlanFlags& flags, const CommonFlags& common);

struct CheckFlags { std::string target, out; std::vector<std::string> only, set, allow; };
/// `target`: a study file, whose servers are asked, or an output folder, whose store is read.
int verb_check(const CheckFlags& flags, const CommonFlags& common);

struct ReportFlags { std::string dir; std::string to = "md,html"; std::vector<std::string> set, notes; };
int verb_report(const ReportFlags& flags, const CommonFlags& common);

/// One endpoint, and what is asked of it.
struct EndpointFlags {
  std::string url, model, endpoint = "completions", prompts = "random:256", receive = "auto";
  double timeout_s = 60;
  int max_tokens = 128, warmup = 1, shared_prefix = 0, threads = 1;
  std::uint64_t seed = 42;
};

struct BenchFlags : EndpointFlags {
  std::string arrival = "poisson", trace, records, slo, until_ci;
  std::optional<int> concurrency;
  std::optional<double> rate, duration_s;
  std::optional<long> requests;
  double ramp_s = 0;
};
/// One endpoint under one load.
int verb_bench(const BenchFlags& flags, const CommonFlags& common);

struct ImportFlags { std::string dir, from, as, map, baseline, workload; std::vector<std::string> files, set; };
/// Result files of other tools become a stored study in `dir`, or join the one that was imported there before.
int verb_import(const ImportFlags& flags, const CommonFlags& common);

struct ExportFlags { std::string dir, as, to; bool no_details = false; };
/// A stored study as other tools' result files, by their definitions.
int verb_export(const ExportFlags& flags, const CommonFlags& common);

struct CapacityFlags : EndpointFlags {
  std::string slo, goodput, concurrency, rate, resolution = "5%";   ///< concurrency and rate: "LO..HI"; both empty: 1..256 at once
  double max_minutes = 30;
};
/// The highest load of one endpoint that meets the limits.
int verb_capacity(const CapacityFlags& flags, const CommonFlags& common);

struct DoctorFlags { std::string records; };
/// This machine, and our own error on it.
int verb_doctor(const DoctorFlags& flags, const CommonFlags& common);

int verb_engines(const CommonFlags& common);
int verb_suites(const CommonFlags& common);
/// What a newcomer sees who types the program's name alone.
int verb_welcome(const std::string& program);  ///< as it was called: what it prints can be typed

/// Prints "quantcase: MESSAGE" on stderr and returns the fault's exit code.
int complain(const Error& error);
/// Writes JSON where --json asks for it.
int print_json(const std::string& text, const CommonFlags& common);

}  // namespace qc
