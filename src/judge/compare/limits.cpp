#include "judge/compare/limits.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "core/text.h"
#include "stats/stats.h"

namespace qc {
namespace {

constexpr std::pair<std::string_view, Bounded> kFigures[] = {{"ttft", Bounded::ttft}, {"tpot", Bounded::tpot}, {"itl", Bounded::itl}, {"e2e", Bounded::e2e}};
constexpr std::pair<std::string_view, double> kLimitPercentiles[] = {{"p50_", 0.5}, {"p90_", 0.9}, {"p95_", 0.95}, {"p99_", 0.99}};
constexpr double kLongest = 1e9;          // ms: eleven days

struct Quantity { double value; std::string_view unit; };

std::optional<Quantity> quantity(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  return Quantity{value, trim(text.substr(static_cast<std::size_t>(end - text.data())))};
}

std::optional<double> millis_of(std::string_view text) {
  const auto q = quantity(text);
  if (!q || (q->unit != "ms" && q->unit != "s")) return std::nullopt;
  const double ms = q->unit == "s" ? q->value * 1000 : q->value;
  return ms > 0 && ms <= kLongest ? std::optional(ms) : std::nullopt;
}

Failed wrong(std::string_view part, std::string_view accepted) { return fail(Fault::usage, fmt::format("{}: accepted: {}", part, accepted)); }

Result<ServiceLimit> limit_of_share(std::string_view name, std::string_view part, std::string_view value) {
  const auto share = parse_share(value);
  if (!share) return wrong(part, "a share above 0 and below 100%, as 1% or 0.01");
  if (name == "failed") return ServiceLimit{std::string(name), Bounded::failed, 1 - *share};
  return ServiceLimit{std::string(name), Bounded::missed, *share};
}

Result<ServiceLimit> parse_one(std::string_view part) {
  const std::size_t equals = part.find('=');
  const std::string name = lower(trim(part.substr(0, equals)));
  const std::string_view value = equals == part.npos ? std::string_view() : trim(part.substr(equals + 1));
  if (name == "failed" || name == "goodput") return limit_of_share(name, part, value);
  const auto percentile = std::ranges::find_if(kLimitPercentiles, [&](const auto& p) { return name.starts_with(p.first); });
  const std::string_view figure = std::string_view(name).substr(percentile == std::end(kLimitPercentiles) ? 0 : percentile->first.size());
  const auto known = std::ranges::find(kFigures, figure, [](const auto& f) { return f.first; });
  if (known == std::end(kFigures)) return wrong(part, "p50, p90, p95 or p99 of ttft, tpot, itl or e2e (p95_e2e=3000ms), one of these alone (of each request: e2e=3s), failed=1%, goodput=95%");
  const auto ms = millis_of(value);
  if (!ms) return wrong(part, fmt::format("{}=TIME, above 0, in ms or s (3000ms, 3s)", name));
  return ServiceLimit{name, known->second, percentile == std::end(kLimitPercentiles) ? 1 : percentile->second, *ms};
}

}  // namespace

std::optional<double> parse_share(std::string_view text) {
  const auto q = quantity(text);
  if (!q || (!q->unit.empty() && q->unit != "%")) return std::nullopt;
  const double share = q->unit == "%" ? q->value / 100 : q->value;
  return share > 0 && share < 1 ? std::optional(share) : std::nullopt;
}

Result<std::vector<ServiceLimit>> parse_limits(std::string_view text) {
  std::vector<ServiceLimit> limits;
  for (const std::string& part : split(text, ',')) {
    auto limit = parse_one(trim(part));
    if (!limit) return fail(limit.error());
    if (std::ranges::find(limits, limit->name, &ServiceLimit::name) != limits.end()) return fail(Fault::usage, fmt::format("{} is given twice", limit->name));
    limits.push_back(std::move(*limit));
  }
  return limits;
}

std::string limit_text(const ServiceLimit& limit) {
  if (limit.what == Bounded::failed) return fmt::format("failed <= {:.4g} %", 100 * (1 - limit.share));
  if (limit.what == Bounded::missed) return fmt::format("goodput >= {:.4g} %", 100 * limit.share);
  return fmt::format("{} <= {:g} ms", limit.name, limit.ms);
}

std::vector<double> token_gaps_ms(const RequestRecord& r) {
  std::vector<double> gaps;
  for (std::size_t i = 1; i < r.events.size(); ++i) {
    const int tokens = std::max(1, r.events[i].tokens);
    gaps.insert(gaps.end(), static_cast<std::size_t>(tokens), millis(r.events[i].at - r.events[i - 1].at) / tokens);
  }
  return gaps;
}

std::optional<double> latency_of(const RequestRecord& r, const ServiceLimit& limit) {
  if (!r.ok() || !r.first || !r.last) return std::nullopt;
  if (limit.what == Bounded::ttft) return millis(*r.first - r.sent);
  if (limit.what == Bounded::e2e) return millis(*r.last - r.sent);
  if (limit.what == Bounded::tpot) return r.output_tokens.value_or(0) >= 2 ? std::optional(millis(*r.last - *r.first) / (*r.output_tokens - 1)) : std::nullopt;
  return quantile(token_gaps_ms(r), limit.share);
}

double worst_ratio(const RequestRecord& request, const std::vector<ServiceLimit>& limits) {
  if (!request.ok()) return std::numeric_limits<double>::infinity();
  double worst = 0;
  for (const ServiceLimit& limit : limits)
    if (limit.is_latency()) worst = std::max(worst, latency_of(request, limit).value_or(0) / limit.ms);
  return worst;
}

bool is_good(const RequestRecord& request, const std::vector<ServiceLimit>& limits) {
  return worst_ratio(request, limits) <= 1;
}

Goodput goodput_of(const std::vector<RequestRecord>& requests, const std::vector<ServiceLimit>& limits, std::optional<double> answered_per_s) {
  std::vector<const RequestRecord*> all;
  all.reserve(requests.size());
  for (const RequestRecord& r : requests) all.push_back(&r);
  return goodput_among(all, limits, answered_per_s);
}

Goodput goodput_among(std::span<const RequestRecord* const> requests, const std::vector<ServiceLimit>& limits, std::optional<double> answered_per_s) {
  Goodput out;
  int answered = 0;
  for (const RequestRecord* r : requests) {
    if (r->warmup) continue;
    ++out.requests;
    answered += r->ok();
    out.good += is_good(*r, limits);
  }
  if (out.requests > 0) out.share = static_cast<double>(out.good) / out.requests;
  if (answered > 0 && answered_per_s) out.requests_per_s = *answered_per_s * out.good / answered;
  return out;
}

}  // namespace qc
