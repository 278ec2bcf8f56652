#include "measure/engines/server_reading.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>
#include <unordered_map>
#include <vector>

#include "measure/engines/metric_names.h"
#include "measure/engines/metric_text.h"

namespace qc {
namespace {

using View = std::string_view;
constexpr std::size_t kLargestPage = std::size_t{8} << 20;   // 160 times vLLM's: to read more would cost more than it tells

/// What a page gives for one name of theirs.
struct Found {
  std::optional<double> value, sum, count;
  std::map<double, double> buckets;
};

void fold(std::optional<double>& into, double number, Fold how) {
  if (!into) into = number;
  else into = how == Fold::sum ? *into + number : std::max(*into, number);
}

enum class Part { value, bucket, sum, count };

/// Where a sample line belongs.
struct Place { std::size_t name; Part part; };
using Places = std::unordered_map<View, std::vector<Place>>;

/// Built once: a page has 500 lines, most of which are nobody's.
const Places& places() {
  static std::vector<std::string> keep;                  // the views' letters
  static const Places all = [] {
    Places made;
    const auto names = metric_names();
    keep.reserve(3 * names.size());
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (!names[i].histogram) made[names[i].theirs].push_back({i, Part::value});
      else
        for (const auto& [end, part] : {std::pair{"_bucket", Part::bucket}, {"_sum", Part::sum}, {"_count", Part::count}})
          made[keep.emplace_back(std::string(names[i].theirs) + end)].push_back({i, part});
    }
    return made;
  }();
  return all;
}

void add(Found& found, Part part, const MetricLine& line, double number, Fold how) {
  if (part == Part::value) fold(found.value, number, how);
  if (part == Part::sum) fold(found.sum, number, how);
  if (part == Part::count) fold(found.count, number, how);
  const auto bound = part == Part::bucket ? label_of(line.labels, "le") : std::nullopt;
  if (!bound) return;
  const std::string text(*bound);
  char* end = nullptr;
  const double limit = std::strtod(text.c_str(), &end);
  if (end != text.c_str() && !std::isnan(limit)) found.buckets[limit] += number;
}

std::vector<Found> find_all(View text) {
  std::vector<Found> found(metric_names().size());
  for_each_metric(text, [&](const MetricLine& line) {
    const auto place = places().find(line.name);
    const auto number = place == places().end() ? std::nullopt : metric_number(line);
    if (!number) return;
    for (const Place& p : place->second) add(found[p.name], p.part, line, *number, metric_names()[p.name].fold);
  });
  return found;
}

std::string server_of(View theirs) { return std::string(theirs.substr(0, theirs.find(':'))); }

/// The best choice of one name of ours: all of its parts must be there.
std::optional<double> value_of(const std::vector<Found>& found, View ours) {
  struct Sum { bool whole = true; double value = 0; };
  std::map<std::pair<int, std::string>, Sum> choices;
  const auto names = metric_names();
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i].ours != ours) continue;
    Sum& sum = choices[{names[i].choice, server_of(names[i].theirs)}];
    sum.whole = sum.whole && found[i].value.has_value();
    sum.value += found[i].value.value_or(0);
  }
  for (const auto& [key, sum] : choices)
    if (sum.whole) return sum.value;
  return std::nullopt;
}

std::optional<ServerHistogram> histogram_of(const std::vector<Found>& found, View ours) {
  const auto names = metric_names();
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i].ours == ours && found[i].sum && found[i].count && (!best || names[i].choice < names[*best].choice)) best = i;
  if (!best) return std::nullopt;
  ServerHistogram h{std::string(ours), *found[*best].count, *found[*best].sum, {}};
  for (const auto& [bound, count] : found[*best].buckets) h.buckets.push_back({bound, count});
  return h;
}

}  // namespace

ServerReading read_metrics(View text) {
  ServerReading reading;
  const auto found = find_all(text);
  View last;
  for (const MetricName& name : metric_names()) {        // rows of one name stand together
    if (name.ours == last) continue;
    last = name.ours;
    if (name.histogram) {
      if (auto h = histogram_of(found, last)) reading.histograms.push_back(std::move(*h));
    } else if (const auto value = value_of(found, last)) {
      reading.values.emplace_back(last, *value);
    }
  }
  return reading;
}

AskServer server_reader(Address address, std::string api_key) {
  return [address = std::move(address), api_key = std::move(api_key)](Seconds limit) -> std::optional<ServerReading> {
    const Instant asked = monotonic_clock().now();
    const auto reply = http_get(address, "/metrics", limit, api_key);
    if (!reply || reply->status != 200 || reply->body.size() > kLargestPage) return std::nullopt;
    ServerReading reading = read_metrics(reply->body);
    reading.asked = asked, reading.at = monotonic_clock().now();
    return reading.values.empty() && reading.histograms.empty() ? std::nullopt : std::optional(std::move(reading));
  };
}

}  // namespace qc
