// quantcase: flags in, a verb's exit code out.
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "cli/exit_code.h"
#include "cli/verbs.h"
#include "core/text.h"
#include "core/version.h"
#include "measure/engines/engine.h"

namespace {

std::string version_text() {
  const qc::Version v = qc::program_version();
  return fmt::format("quantcase {} ({}, {}, {}), llama.cpp {}", v.number, v.git_id, v.build_type, v.compiler, v.engine_release);
}

void add_common(CLI::App& verb, qc::CommonFlags& c) {
  verb.add_flag("--quiet", c.quiet, "print only errors");
  verb.add_flag("--no-color", c.no_color, "no colours (also: the variable NO_COLOR)");
  verb.add_flag("-y", c.yes, "answer yes to every question");
  verb.add_option("--log", c.log, "append every line of progress to this file");
}

void add_json(CLI::App& verb, qc::CommonFlags& c) {
  verb.add_option("--json", c.json_file, "machine-readable output into FILE, or with - or nothing to stdout")->expected(0, 1);
}

void add_study(CLI::App& verb, std::string& study, std::vector<std::string>& only, std::vector<std::string>& set) {
  verb.add_option("STUDY", study, "the study file (TOML)")->required();
  verb.add_option("--only", only, "these variants (and the baseline), with commas between")->delimiter(',');
  verb.add_option("--set", set, "key=value over the file's, e.g. study.blocks=2; may be given again")->take_all();
}

void add_allow(CLI::App& verb, std::vector<std::string>& allow) {
  verb.add_option("--allow", allow, "unfair differences that are accepted, with commas between; the report repeats them")->delimiter(',');
}

void add_endpoint(CLI::App& verb, qc::EndpointFlags& f) {
  verb.add_option("--url", f.url, "the server's root")->required();
  verb.add_option("--model", f.model, "the name it serves; default: the first that it lists");
  verb.add_option("--endpoint", f.endpoint, "completions (default) or chat");
  verb.add_option("--max-tokens", f.max_tokens, "tokens of every answer (default 128)");
  verb.add_option("--prompts", f.prompts, "chat, summarize, random:N tokens (default random:256) or a JSONL file");
  verb.add_option("--shared-prefix", f.shared_prefix, "so many tokens of every random prompt are the same (default 0)");
  verb.add_option("--warmup", f.warmup, "requests before, not counted (default 1)");
  verb.add_option("--seed", f.seed, "everything drawn at random comes from it (default 42)");
  verb.add_option("--timeout", f.timeout_s, "seconds, the longest wait for any next byte (default 60)");
  verb.add_option("--threads", f.threads, "the connections are shared out over so many (default 1)");
  verb.add_option("--receive", f.receive, "auto (default: io_uring where the kernel allows it) or epoll");
}

void add_bench(CLI::App& verb, qc::BenchFlags& f) {
  add_endpoint(verb, f);
  verb.add_option("--concurrency", f.concurrency, "closed loop: so many requests in flight");
  verb.add_option("--rate", f.rate, "open loop: requests a second, whether answers come or not");
  verb.add_option("--arrival", f.arrival, "poisson (default), constant, gamma:BURSTINESS or burst:SIZE");
  verb.add_option("--trace", f.trace, "open loop: times and lengths of a recorded trace (Mooncake's JSON lines, Azure's CSV)");
  verb.add_option("--ramp", f.ramp_s, "seconds over which the rate, or the slots, come up");
  verb.add_option("--requests", f.requests, "measured requests");
  verb.add_option("--duration", f.duration_s, "seconds; none is sent later");
  verb.add_option("--until-ci", f.until_ci, "done when the 95 % interval of the mean e2e is this narrow (2%: plus or minus)");
  verb.add_option("--slo", f.slo, "limits for goodput, with commas between: p95_e2e=3000ms,ttft=500ms");
  verb.add_option("--records", f.records, "a JSON line a request into this file");
}

void add_capacity(CLI::App& verb, qc::CapacityFlags& f) {
  add_endpoint(verb, f);
  verb.add_option("--slo", f.slo, "limits, with commas between: p95_e2e=3000ms,p95_ttft=0.5s,failed=1%");
  verb.add_option("--goodput", f.goodput, "the share of requests that keeps every limit on a latency: 95%");
  verb.add_option("--concurrency", f.concurrency, "search over requests in flight, LO..HI (default 1..256)");
  verb.add_option("--rate", f.rate, "search over requests a second (Poisson), LO..HI");
  verb.add_option("--resolution", f.resolution, "how near the ends of the answer need to come (default 5%)");
  verb.add_option("--max-minutes", f.max_minutes, "no load is begun later, and one that lasts is ended (default 30)");
}

void add_import(CLI::App& verb, qc::ImportFlags& f) {
  verb.add_option("DIR", f.dir, "the folder of the imported study; one that was imported before is added to")->required();
  verb.add_option("FILE", f.files, "result files of one format")->required();
  verb.add_option("--from", f.from, "vllm, guidellm, aiperf, sglang, llama-bench or csv")->required();
  verb.add_option("--as", f.as, "the variant in these files; default: what they say, else their names");
  verb.add_option("--baseline", f.baseline, "the variant that all others are compared with; default: the first imported");
  verb.add_option("--workload", f.workload, "the workload in these files; default: what they say, else their names, else load");
  verb.add_option("--map", f.map, "a JSON file: our name of a value -> the CSV's column, or a number for all rows");
  verb.add_option("--set", f.set, "key=value over the study's, e.g. hardware.hourly_usd=0.24; may be given again")->allow_extra_args(false);
}

/// A first word that is no verb, with the one that was probably meant.
std::optional<std::string> wrong_verb(const CLI::App& app, std::string_view word) {
  if (word.starts_with("-")) return std::nullopt;
  std::vector<std::string> verbs;
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) verbs.push_back(verb->get_name());
  if (std::ranges::find(verbs, word) != verbs.end()) return std::nullopt;
  const auto meant = qc::nearest(word, verbs);
  return fmt::format("quantcase: there is no verb '{}'{}; accepted: {}", word, meant ? fmt::format(", did you mean '{}'?", *meant) : "", qc::join_and(verbs));
}

/// What CLI11 says of words that it does not know, with the flag that was probably meant.
std::string with_meant(const CLI::App& app, const CLI::ExtrasError& error) {
  std::string text = error.what();
  for (const CLI::App* verb : app.get_subcommands()) {
    std::vector<std::string> flags;
    for (const CLI::Option* each : verb->get_options()) flags.push_back(each->get_name(false, true).substr(0, each->get_name(false, true).find(',')));
    for (const std::string& word : verb->remaining())
      if (const auto meant = word.starts_with("--") ? qc::nearest(word.substr(0, word.find('=')), flags) : std::nullopt) text += fmt::format("; did you mean {}?", *meant);
  }
  return text;
}

int run_verb_of(int argc, char** argv) {
  using namespace qc;
  if (argc == 1) return verb_welcome(argv[0]);
  CLI::App app{"Should we serve the quantized model instead of BF16? Measured, with evidence.", "quantcase"};
  app.set_version_flag("--version", version_text());
  app.require_subcommand(1);
  CommonFlags common;
  common.no_color = std::getenv("NO_COLOR") != nullptr;
  common.command_line = shell_quoted(std::vector<std::string>(argv, argv + argc));

  RunFlags run;
  auto* run_verb = app.add_subcommand("run", "measure, keep, judge, report: the main job");
  add_study(*run_verb, run.study, run.only, run.set);
  run_verb->add_option("--out", run.out, "the output folder (default: out/<study.name>)");
  run_verb->add_flag("--resume", run.resume, "go on with the study in the output folder");
  run_verb->add_option("--time-budget", run.time_budget, "spend so much time where it buys most certainty, two blocks of everything first: 30m, 1h, 90s (study.time_budget_minutes)");
  add_allow(*run_verb, run.allow);
  CheckFlags check;
  auto* check_verb = app.add_subcommand("check", "what each server really runs, and whether all else is equal");
  check_verb->add_option("STUDY", check.target, "the study file (TOML), or a study's output folder")->required();
  check_verb->add_option("--only", check.only, "these variants (and the baseline), with commas between")->delimiter(',');
  check_verb->add_option("--set", check.set, "key=value over the file's; may be given again")->take_all();
  check_verb->add_option("--out", check.out, "the folder for the servers' logs (default: out/<study.name>.check)");
  add_allow(*check_verb, check.allow);
  PlanFlags plan;
  auto* plan_verb = app.add_subcommand("plan", "print every trial in order, with minutes; starts nothing");
  add_study(*plan_verb, plan.study, plan.only, plan.set);
  ReportFlags report;
  auto* report_verb = app.add_subcommand("report", "judge and render again from the store alone");
  report_verb->add_option("DIR", report.dir, "a study's output folder")->required();
  report_verb->add_option("--to", report.to, "md, html, or both with a comma (default)");
  report_verb->add_option("--set", report.set, "hardware.KEY=VALUE: a price, a utilisation or a provider for this report; the store keeps the study as run");
  report_verb->add_option("--note", report.notes, "a remark of yours, kept in the store with its date and printed in the methodology; may be given again")->take_all();
  CompareFlags compare;
  auto* compare_verb = app.add_subcommand("compare", "two servers that run already: a study without a study file");
  compare_verb->add_option("--baseline", compare.baseline, "the baseline's root")->required();
  compare_verb->add_option("--candidate", compare.candidate, "the candidate's root")->required();
  compare_verb->add_option("--model", compare.models, "the name they serve it by; given twice: the baseline's, then the candidate's");
  compare_verb->add_option("--out", compare.out, "the output folder (default: out/compare)");
  compare_verb->add_option("--set", compare.set, "key=value over the study's, e.g. study.blocks=2; may be given again")->take_all();
  add_allow(*compare_verb, compare.allow);
  BenchFlags bench;
  auto* bench_verb = app.add_subcommand("bench", "one endpoint under one load");
  add_bench(*bench_verb, bench);
  DoctorFlags doctor;
  auto* doctor_verb = app.add_subcommand("doctor", "this machine, and our own measurement error on it");
  doctor_verb->add_option("--records", doctor.records, "a JSON line a request into this file: what we took down beside what the server sent");
  ImportFlags import_flags;
  auto* import_verb = app.add_subcommand("import", "a report from measurements that one already has");
  add_import(*import_verb, import_flags);
  ExportFlags export_flags;
  auto* export_verb = app.add_subcommand("export", "a study as other tools' result files, by their definitions");
  export_verb->add_option("DIR", export_flags.dir, "a study's output folder")->required();
  export_verb->add_option("--as", export_flags.as, "vllm, guidellm, aiperf, sglang, csv or jsonl")->required();
  export_verb->add_option("--to", export_flags.to, "the folder to write into (default: DIR/export/FORMAT)");
  export_verb->add_flag("--no-details", export_flags.no_details, "vllm and sglang: totals and statistics alone, without a value for each request");
  CapacityFlags capacity;
  auto* capacity_verb = app.add_subcommand("capacity", "the highest load of one endpoint that meets the limits");
  add_capacity(*capacity_verb, capacity);
  auto* engines_verb = app.add_subcommand("engines", "the servers that can be studied here");
  auto* suites_verb = app.add_subcommand("suites", "the quality prompts that are built in");
  for (auto* verb : {run_verb, plan_verb, check_verb, report_verb, compare_verb, bench_verb, capacity_verb, import_verb, export_verb, doctor_verb, engines_verb, suites_verb}) add_common(*verb, common), add_json(*verb, common);

  if (const auto wrong = wrong_verb(app, argv[1])) {
    fmt::print(stderr, "{}\n", *wrong);
    return kUsage;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ExtrasError& e) {
    fmt::print(stderr, "quantcase: {}\nRun with --help for more information.\n", with_meant(app, e));
    return kUsage;
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == 0) return app.exit(e) == 0 ? kDone : kUsage;   // help, the version
    fmt::print(stderr, "quantcase: {}\nRun with --help for more information.\n", e.what());
    return kUsage;
  }
  // An option without its value calls nobody back: it is only counted.
  for (const auto* verb : app.get_subcommands()) common.json = verb->get_option("--json")->count() > 0;
  if (run_verb->parsed()) return verb_run(run, common);
  if (plan_verb->parsed()) return verb_plan(plan, common);
  if (check_verb->parsed()) return verb_check(check, common);
  if (compare_verb->parsed()) return verb_compare(compare, common);
  if (bench_verb->parsed()) return verb_bench(bench, common);
  if (import_verb->parsed()) return verb_import(import_flags, common);
  if (export_verb->parsed()) return verb_export(export_flags, common);
  if (capacity_verb->parsed()) return verb_capacity(capacity, common);
  if (doctor_verb->parsed()) return verb_doctor(doctor, common);
  if (report_verb->parsed()) return verb_report(report, common);
  if (engines_verb->parsed()) return verb_engines(common);
  return verb_suites(common);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    std::vector<char*> words(argv, argv + argc);
    static char help[] = "--help";
    if (argc > 1 && std::string_view(argv[1]) == "help") words.erase(words.begin() + 1), words.push_back(help);   // "help plan" is "plan --help"
    const int code = run_verb_of(static_cast<int>(words.size()), words.data());
    if (std::fflush(stdout) == 0 || code != qc::kDone) return code;
    std::fprintf(stderr, "quantcase: standard output can't be written\n");
    return qc::kUsage;
  } catch (const std::system_error& thrown) {   // of fmt::print, where nobody takes what is printed
    std::fprintf(stderr, "quantcase: %s\n", thrown.what());
    return qc::kUsage;
  } catch (const std::exception& thrown) {   // on its way here every server that we started was stopped
    std::fprintf(stderr, "quantcase: a defect of its own: %s. What was measured is kept; `quantcase run` with --resume goes on from there.\n", thrown.what());
  }
  return qc::kDefect;
}
