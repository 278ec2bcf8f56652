// `quantcase capacity`: the highest load of one endpoint that meets the limits.
#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "cli/exit_code.h"
#include "cli/measure_capacity.h"
#include "cli/one_endpoint.h"
#include "core/priority.h"
#include "report/capacity_report.h"

namespace qc {
namespace {

struct Range { double lo, hi; };

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && std::isfinite(value) ? std::optional(value) : std::nullopt;
}

/// "LO..HI".
std::optional<Range> range_of(std::string_view text) {
  const std::size_t dots = text.find("..");
  if (dots == text.npos) return std::nullopt;
  const auto lo = number(text.substr(0, dots)), hi = number(text.substr(dots + 2));
  return lo && hi && *lo > 0 && *lo <= *hi ? std::optional(Range{*lo, *hi}) : std::nullopt;
}

Result<SearchSpace> space_of(const CapacityFlags& f) {
  if (!f.concurrency.empty() && !f.rate.empty()) return fail(Fault::usage, "capacity searches over --concurrency LO..HI (closed loop) or --rate LO..HI (open loop); both were given");
  const auto resolution = parse_share(f.resolution);
  if (!resolution || *resolution > 0.5) return wrong_flag("--resolution", f.resolution, "a share above 0 and at most 50%, as 5% or 0.05");
  SearchSpace space;
  space.resolution = *resolution, space.whole = f.rate.empty();
  if (space.whole && f.concurrency.empty()) return space;
  const auto range = range_of(space.whole ? f.concurrency : f.rate);
  if (space.whole && (!range || range->lo != std::floor(range->lo) || range->hi != std::floor(range->hi) || range->hi > 100'000)) return wrong_flag("--concurrency", f.concurrency, "LO..HI, whole numbers from 1 to 100000, as 1..256");
  if (!space.whole && (!range || range->hi > 1e6)) return wrong_flag("--rate", f.rate, "LO..HI, requests a second, above 0 and at most 1000000, as 0.5..50");
  space.lo = range->lo, space.hi = range->hi;
  return space;
}

Result<std::vector<ServiceLimit>> limits_of(const CapacityFlags& f) {
  const std::string text = f.slo + (f.slo.empty() || f.goodput.empty() ? "" : ",") + (f.goodput.empty() ? "" : "goodput=" + f.goodput);
  if (text.empty()) return fail(Fault::usage, "capacity needs --slo: which limits? For example --slo p95_e2e=3000ms,p95_ttft=500ms");
  auto limits = parse_limits(text);
  if (!limits) return fail(Fault::usage, (f.slo.empty() ? "--goodput: " : "--slo ") + limits.error().message);
  if (std::ranges::all_of(*limits, &ServiceLimit::of_each_request)) return fail(Fault::usage, "--slo: limits of each request need a share that must keep them: --goodput 95%");
  if (f.max_tokens < 2 && std::ranges::any_of(*limits, [](const ServiceLimit& l) { return l.what == Bounded::tpot || l.what == Bounded::itl; })) return wrong_flag("--max-tokens", fmt::format("{}", f.max_tokens), "2 or more with a limit on tpot or itl: an answer of one token has neither");
  return limits;
}

Result<Capacity> capacity_of(const CapacityFlags& f) {
  auto limits = limits_of(f);
  if (!limits) return fail(limits.error());
  auto space = space_of(f);
  if (!space) return fail(space.error());
  if (!(f.max_minutes > 0 && f.max_minutes <= 10'000)) return wrong_flag("--max-minutes", fmt::format("{}", f.max_minutes), "minutes, above 0 and at most 10000");
  Capacity capacity{*space, *limits, LevelWatch(*limits, 0, kCapacityMiss).judged(), {}, {}};
  capacity.max_minutes = f.max_minutes;
  return capacity;
}

int code_of(const Capacity& capacity) {
  if (capacity.cut == CapacityCut::interrupted) return kInterrupted;
  return capacity.cut == CapacityCut::server_gone || !std::ranges::all_of(capacity.levels, &CapacityLevel::valid) ? kTrialsFailed : kDone;
}

}  // namespace

int verb_capacity(const CapacityFlags& flags, const CommonFlags& common) {
  auto capacity = capacity_of(flags);
  if (!capacity) return complain(capacity.error());
  auto spec = load_spec_of(flags);
  if (!spec) return complain(spec.error());
  if (auto allowed = allow_connections(capacity->space.whole ? std::optional(static_cast<int>(capacity->space.hi)) : std::nullopt); !allowed) return complain(allowed.error());
  const auto prompts = make_ready(flags, *spec);
  if (!prompts) return complain(prompts.error());
  install_stop_handlers();
  Progress progress({common.quiet, !common.no_color, common.log});
  {
    const QuickWakeups quick;
    measure_capacity(*capacity, *spec, *prompts, progress);
  }
  progress.clear();
  if (common.json)
    if (const int code = print_json(capacity_json(*capacity, {flags.url, spec->model, flags.endpoint, flags.prompts, prompts->source, flags.max_tokens, flags.seed}), common); code != kDone) return code;
  const bool stdout_is_json = common.json && (common.json_file.empty() || common.json_file == "-");
  if (!stdout_is_json && !common.quiet) fmt::print("{}", capacity_text(*capacity));
  return code_of(*capacity);
}

}  // namespace qc
