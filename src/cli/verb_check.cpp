#include <filesystem>

#include <fmt/format.h>

#include "cli/check_inputs.h"
#include "cli/decide_plan.h"
#include "cli/exit_code.h"
#include "cli/fairness_text.h"
#include "cli/progress.h"
#include "cli/read_with_allow.h"
#include "cli/reporting.h"
#include "cli/verbs.h"
#include "core/stop.h"
#include "run/describe_servers.h"
#include "store/store.h"
#include "study/read.h"

namespace qc {
namespace {

namespace fs = std::filesystem;

struct Checked { std::vector<VariantFacts> variants; std::vector<std::string> allow; };

Result<Checked> ask_servers(const CheckFlags& flags, const CommonFlags& common) {
  auto study = read_with_allow(flags.target, flags.set, flags.only, flags.allow);
  if (!study) return fail(study.error());
  if (auto usable = check_inputs(*study, Programs::must_be_here); !usable) return fail(usable.error());
  Progress progress({common.quiet, !common.no_color, common.log});
  install_stop_handlers();
  const Watcher watcher{[&](const std::string& line) { progress.say(line); }, [&](double f, Seconds eta, const std::string& doing) { progress.bar(f, eta, doing); }};
  const fs::path logs = fs::path(flags.out.empty() ? "out/" + study->name + ".check" : flags.out) / "logs";
  auto variants = describe_servers(*study, logs, guess_speed(*study).start_s, stop_flag(), watcher);
  progress.clear();
  if (!variants) return fail(variants.error());
  return Checked{std::move(*variants), study->allow};
}

Result<Checked> read_store(const CheckFlags& flags) {
  if (!flags.set.empty() || !flags.only.empty()) return fail(Fault::usage, fmt::format("{} is a folder: --set and --only belong to a study file", flags.target));
  if (auto s = check_allowed(flags.allow); !s) return fail(s.error());
  auto store = Store::open(fs::path(flags.target) / "study.sqlite");
  if (!store) return fail(store.error());
  auto data = load_stored(*store);
  if (!data) return fail(data.error());
  auto allow = data->study.allow;
  allow.insert(allow.end(), flags.allow.begin(), flags.allow.end());
  return Checked{std::move(data->variants), std::move(allow)};
}

}  // namespace

int verb_check(const CheckFlags& flags, const CommonFlags& common) {
  std::error_code ignored;
  const auto checked = fs::is_directory(flags.target, ignored) ? read_store(flags) : ask_servers(flags, common);
  if (!checked) return complain(checked.error());
  const Fairness fairness = find_differences(checked->variants, checked->allow);
  if (common.json) {
    if (const int code = print_json(fairness_json(checked->variants, fairness), common); code != kDone) return code;
  } else if (!common.quiet) {
    fmt::print("{}\n", fairness_text(checked->variants, fairness));
  }
  if (const auto why = refusal(fairness); !why.empty()) return complain({Fault::refused, why});
  if (!common.quiet && !common.json) fmt::print("Comparable: {}.\n", fairness.allowed().empty() ? "what differs follows from the weights, or is listed above" : "with what was allowed");
  return kDone;
}

}  // namespace qc
