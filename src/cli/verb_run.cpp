#include <charconv>
#include <filesystem>
#include <optional>
#include <set>
#include <string_view>

#include <fmt/format.h>

#include "cli/check_inputs.h"
#include "cli/decide_plan.h"
#include "cli/exit_code.h"
#include "cli/progress.h"
#include "cli/read_with_allow.h"
#include "cli/reporting.h"
#include "cli/verbs.h"
#include "core/files.h"
#include "core/folder_lock.h"
#include "core/json.h"
#include "core/stop.h"
#include "core/text.h"
#include "judge/fairness/fairness.h"
#include "judge/sequence/sequence.h"
#include "measure/engines/variant_proof.h"
#include "run/run.h"

namespace qc {
namespace {

namespace fs = std::filesystem;

/// Without the slash that a shell adds, so that DIR.1 is a name. Empty: the working folder, which can't be moved aside.
std::string folder_of(const std::string& out) {
  std::string clean = fs::path(out).lexically_normal().string();
  while (clean.size() > 1 && clean.ends_with('/')) clean.pop_back();
  return clean == "." || clean == "/" ? "" : clean;
}

/// A folder that holds a store already is moved to DIR.1, DIR.2 ..., so that nothing measured is ever written over.
Status move_aside(const fs::path& out, Progress& progress) {
  if (!fs::exists(out / "study.sqlite")) return ok();
  int n = 1;
  while (fs::exists(fmt::format("{}.{}", out.string(), n))) ++n;
  const std::string aside = fmt::format("{}.{}", out.string(), n);
  std::error_code error;
  fs::rename(out, aside, error);
  if (error) return fail(Fault::usage, fmt::format("{}: cannot be moved to {}: {}", out.string(), aside, error.message()));
  progress.say(fmt::format("The earlier study in {} is kept as {}.", out.string(), aside));
  return ok();
}

/// Takes the folder's lock, unless it is this very folder's that is held.
Status hold(const std::string& out, std::optional<FolderLock>& lock) {
  if (lock && fs::exists(fs::path(out) / ".lock")) return ok();
  auto taken = FolderLock::take(out);
  if (!taken) return fail(taken.error());
  lock = std::move(*taken);
  return ok();
}

struct Opened { Store store; std::set<int> finished, decided; };

std::set<int> ids_of(const std::vector<PlannedTrial>& trials) {
  std::set<int> ids;
  for (const PlannedTrial& t : trials) ids.insert(t.id);
  return ids;
}

/// A resumed study goes on as it began: the same way of taking turns, the same share of the card, and the ids under which trials are stored.
Status go_on_as_begun(const Store& store, DecidedPlan& decided) {
  const auto run = store.run_so_far();
  const auto planned = store.planned();
  if (!planned) return fail(planned.error());
  Plan& plan = decided.plan;
  const bool told = run && !run->switching.empty();
  if (told && run->switching != to_string(plan.switching)) {
    const Switch way = run->switching == "sleep" ? Switch::sleep : run->switching == "resident" ? Switch::resident : Switch::restart;
    Plan as_begun = make_plan(plan.study, way, run->switching_because);
    as_begun.share = plan.share;
    plan = std::move(as_begun);
  }
  if (told) plan.switching_because = run->switching_because;
  if (told && run->gpu_share) plan.share = run->gpu_share, plan.study.engine.gpu_memory_utilization = run->gpu_share;
  keep_ids(plan.trials, *planned);
  return ok();
}

Result<Opened> open_store(const fs::path& out, const RunFlags& flags, DecidedPlan& decided, Progress& progress) {
  const Plan& plan = decided.plan;
  const fs::path file = out / "study.sqlite";
  if (!flags.resume || !fs::exists(file)) {
    if (flags.resume) progress.say(fmt::format("{}: no study to resume, so it is started.", out.string()));
    else if (auto s = move_aside(out, progress); !s) return fail(s.error());
    // First of all, so that a study that nobody wrote (`compare`) can be gone on with whenever it is killed.
    if (auto s = write_file(out / "study.toml", plan.study.text); !s) return fail(s.error());
    auto store = Store::create(file, plan.study);
    if (!store) return fail(store.error());
    const auto certain = certain_trials(plan);
    if (auto s = store->put_plan(certain); !s) return fail(s.error());
    return Opened{std::move(*store), {}, ids_of(certain)};
  }
  auto store = Store::open(file);
  if (!store) return fail(store.error());
  auto text = store->study_text();
  if (!text) return fail(text.error());
  if (*text != plan.study.text)
    return fail(Fault::usage, fmt::format("{}: the study there is another one than {} as it is now (with --set and --only); run it without --resume, or into another --out",
                                          out.string(), flags.study));
  if (auto s = go_on_as_begun(*store, decided); !s) return fail(s.error());
  auto finished = store->finished_trials();
  if (!finished) return fail(finished.error());
  const auto decided_on = store->planned();
  if (!decided_on) return fail(decided_on.error());
  return Opened{std::move(*store), std::set<int>(finished->begin(), finished->end()), ids_of(*decided_on)};
}

/// What has to be typed again, for the study to be the same one.
std::string repeated_flags(const RunFlags& flags) {
  std::vector<std::string> words;
  if (!flags.out.empty()) words.insert(words.end(), {"--out", flags.out});
  for (const auto& s : flags.set) words.insert(words.end(), {"--set", s});
  if (!flags.only.empty()) words.insert(words.end(), {"--only", fmt::format("{}", fmt::join(flags.only, ","))});
  if (!flags.time_budget.empty()) words.insert(words.end(), {"--time-budget", flags.time_budget});
  if (!flags.allow.empty()) words.insert(words.end(), {"--allow", fmt::format("{}", fmt::join(flags.allow, ","))});
  return words.empty() ? "" : " " + shell_quoted(words);
}

/// Stops a run whose variants differ unfairly; what is allowed and what is odd is said once.
Admission only_comparable(const std::vector<std::string>& allow, Progress& progress) {
  return [allow, &progress, said = std::set<std::string>()](const std::vector<VariantFacts>& described) mutable -> Status {
    const Fairness fairness = find_differences(described, allow);
    if (const auto why = refusal(fairness); !why.empty()) return fail(Fault::refused, why);
    auto lines = fairness.slow_kernels;
    lines.insert(lines.end(), fairness.not_told.begin(), fairness.not_told.end());
    for (const auto* d : fairness.allowed()) lines.push_back("allowed: " + in_words(*d));
    for (const auto& line : lines)
      if (said.insert(line).second) progress.say("note: " + line);
    return ok();
  };
}

/// "30m", "1h", "90s"; a number alone is minutes. Empty for anything else, and for no time at all.
std::optional<double> minutes_of(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || !(value > 0)) return std::nullopt;
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (unit == "m" || unit.empty()) return value;
  if (unit == "h") return value * 60;
  return unit == "s" ? std::optional(value / 60) : std::nullopt;
}

int closing_code(const Result<RunOutcome>& outcome, const Reported& reported) {
  if (!outcome) return exit_code(outcome.error().fault);
  if (outcome->interrupted) return kInterrupted;
  if (!outcome->engine_failures.empty()) return kEngine;
  if (!reported.findings.complete || reported.findings.requests_failed > 0 || reported.findings.prompts_unanswered > 0) return kTrialsFailed;   // of an earlier run, too
  return kDone;
}

/// The baseline can't be served on this card, and that is known before anything is started: the report is the finding.
int tell_infeasible(const Study& study, const Fit& fit, const std::string& out, const CommonFlags& common, Progress& progress) {
  const std::string text = infeasible_text(fit);
  if (auto s = move_aside(out, progress); !s) return complain(s.error());
  auto store = Store::create(fs::path(out) / "study.sqlite", study);
  if (!store) return complain(store.error());
  if (auto s = keep_infeasible(*store, study, common.command_line, text); !s) return complain(s.error());
  auto reported = judge_and_write(*store, out, true, true);
  if (!reported) return complain(reported.error());
  if (common.json) put_text(stdout, json_line(Json{{"report", out + "/report.md"}, {"infeasible_because", text}}) + "\n");
  else if (!common.quiet) put_text(stdout, fmt::format("{}\nReport: {}/report.html and {}/report.md\n", text, out, out));
  return kDone;
}

}  // namespace

int verb_run(const RunFlags& flags, const CommonFlags& common) {
  auto set = flags.set;
  if (!flags.time_budget.empty()) {
    const auto minutes = minutes_of(flags.time_budget);
    if (!minutes) return complain({Fault::usage, fmt::format("--time-budget {}: a time above 0 is needed, such as 30m, 1h or 90s", flags.time_budget)});
    set.push_back(fmt::format("study.time_budget_minutes={}", *minutes));
  }
  const auto study = read_with_allow(flags.study, std::move(set), flags.only, flags.allow);
  return study ? run_and_report(*study, flags, common) : complain(study.error());
}

int run_and_report(const Study& as_read, const RunFlags& flags, const CommonFlags& common) {
  const Study* study = &as_read;
  const std::string out = folder_of(flags.out.empty() ? "out/" + study->name : flags.out);
  if (out.empty()) return complain({Fault::usage, fmt::format("--out {}: the working folder itself can't be the output folder: name one in it", flags.out)});
  Progress progress({common.quiet, !common.no_color, common.log});
  install_stop_handlers();
  std::optional<FolderLock> lock;   // of the folder that is there, then of the one that takes its place
  if (fs::exists(fs::path(out) / "study.sqlite"))
    if (auto s = hold(out, lock); !s) return complain(s.error());
  if (auto usable = check_inputs(*study, Programs::must_be_here); !usable) return complain(usable.error());
  // Files that make the variants another model, or contradict themselves, need no server to be refused.
  if (const auto why = refusal(find_differences(facts_of_files(*study), study->allow)); !why.empty()) return complain({Fault::refused, why});
  if (const auto fit = fit_here(*study); fit && !fit->baseline_fits()) return tell_infeasible(*study, *fit, out, common, progress);
  DecidedPlan decided = decide_plan(*study, For::run);
  const Plan& plan = decided.plan;
  const PlanEstimate guess = estimate(plan, guess_speed(*study));
  progress.say(fmt::format("{}: {} trials, about {} by a first guess; variants take turns by {} ({})", study->title, plan.trials.size(), minutes_words(*study, guess),
                           to_string(plan.switching), plan.switching_because));
  for (const auto& w : plan.warnings) progress.say("note: " + w);
  auto opened = open_store(out, flags, decided, progress);
  if (!opened) return complain(opened.error());
  if (auto s = hold(out, lock); !s) return complain(s.error());
  const Watcher watcher{[&](const std::string& line) { progress.say(line); }, [&](double f, Seconds eta, const std::string& doing) { progress.bar(f, eta, doing); }};
  const RunOptions options{out, opened->finished, common.command_line, only_comparable(study->allow, progress), look, opened->decided};
  const auto outcome = run_study(plan, opened->store, options, stop_flag(), watcher);
  progress.clear();
  if (!outcome) complain(outcome.error());
  auto reported = judge_and_write(opened->store, out, true, true);
  if (!reported) {   // why the run itself ended counts for more
    const int code = complain(reported.error());
    return outcome ? code : exit_code(outcome.error().fault);
  }
  // The report is written: that nobody listens any more is no reason to end otherwise.
  if (common.json) {
    put_text(stdout, json_line(Json{{"report", out + "/report.md"}}) + "\n");
  } else if (!common.quiet) {
    put_text(stdout, fmt::format("\n{}\nReport: {}/report.html and {}/report.md\n", short_verdict(*reported), out, out));
    if (outcome && outcome->interrupted) put_text(stdout, fmt::format("Interrupted; go on with: quantcase run {} --resume{}\n", flags.study, repeated_flags(flags)));
  }
  return closing_code(outcome, *reported);
}

}  // namespace qc
