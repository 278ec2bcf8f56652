#include "report/charts.h"

#include <algorithm>
#include <cmath>

#include "core/json.h"

namespace qc {
namespace {

/// Where `value` stands in `list`; appended when it is new, so that lists keep the order of first mention.
template <class T>
std::size_t place_of(std::vector<T>& list, const T& value) {
  const auto at = std::find(list.begin(), list.end(), value);
  const auto index = static_cast<std::size_t>(at - list.begin());
  if (at == list.end()) list.push_back(value);
  return index;
}

/// A part of a row's width by which one of several series stands aside, so that whiskers do not hide one another.
double dodge(std::size_t index, std::size_t count) {
  const double step = std::min(0.09, 0.7 / static_cast<double>(count));
  return step * (static_cast<double>(index) - (static_cast<double>(count) - 1) / 2);
}

Json chart_of(Json rows, int height) {
  return {{"$schema", "https://vega.github.io/schema/vega-lite/v6.json"},
          {"width", 480}, {"height", height},
          {"autosize", {{"type", "fit"}, {"contains", "padding"}}},
          {"data", {{"values", std::move(rows)}}},
          {"layer", Json::array()}};
}

/// An axis of equal steps, one for each label: rows carry the label's index (and their dodge) in `field`.
Json steps(const char* field, const std::vector<std::string>& labels, Json title, bool downwards) {
  const double last = static_cast<double>(labels.size()) - 0.5;
  Json ticks = Json::array();
  for (std::size_t i = 0; i < labels.size(); ++i) ticks.push_back(i);
  Json domain = downwards ? Json::array({last, -0.5}) : Json::array({-0.5, last});
  return {{"field", field}, {"type", "quantitative"}, {"title", std::move(title)},
          {"scale", {{"domain", std::move(domain)}, {"nice", false}, {"zero", false}}},
          {"axis", {{"values", std::move(ticks)}, {"labelExpr", Json(labels).dump() + "[datum.value]"}, {"grid", false}, {"labelPadding", 6}, {"ticks", !downwards}, {"domain", !downwards}}}};
}

/// Colour and shape together name a series; one legend is made of the two.
Json named_by_colour(const std::vector<std::string>& domain, const std::vector<std::string>& shown) {
  return {{"field", "series"}, {"type", "nominal"}, {"scale", {{"domain", domain}}}, {"legend", {{"values", shown}}}};
}

void put_interval(Json& row, const std::optional<double>& lo, const std::optional<double>& hi) {
  if (lo && hi) row["lo"] = *lo, row["hi"] = *hi;
}

/// A rule with a cap at each end, from `lo` to `hi`. `across` is the channel of the value, `place` what else places a mark.
void add_whiskers(Json& layers, const Json& place, const std::string& across) {
  auto add = [&](Json mark, const char* field) {
    Json encoding = place;
    encoding[across] = {{"field", field}, {"type", "quantitative"}};
    if (mark["type"] == "rule") encoding[across + "2"] = {{"field", "hi"}};
    layers.push_back({{"transform", Json::array({{{"filter", "isValid(datum.lo)"}}})}, {"mark", std::move(mark)}, {"encoding", std::move(encoding)}});
  };
  const Json cap = {{"type", "tick"}, {"thickness", 1.5}, {"size", 8}, {"opacity", 1}, {"orient", across == "y" ? "horizontal" : "vertical"}};
  add({{"type", "rule"}, {"strokeWidth", 1.5}}, "lo");
  add(cap, "lo");
  add(cap, "hi");
}

double highest(const ConcurrencyChart& values) {
  double top = 0;
  for (const auto& series : values.series)
    for (const auto& point : series.points) top = std::max({top, point.y, point.hi.value_or(point.y)});
  return top;
}

/// Drawn to scale, a limit far above every value would press the lines flat: it is then named at the top edge instead.
bool in_sight(const Limit& limit, double top) { return limit.value <= 2.5 * top; }

/// Data of one row, for a mark that is drawn once and not once a value.
Json once() { return {{"values", Json::array({Json::object()})}}; }

void add_limit(Json& layers, const Limit& limit, double top) {
  const bool drawn = in_sight(limit, top);
  const Json y = drawn ? Json{{"datum", limit.value}, {"type", "quantitative"}} : Json{{"value", 0}};
  if (drawn) layers.push_back({{"data", once()}, {"mark", {{"type", "rule"}, {"style", "limit"}}}, {"encoding", {{"y", y}}}});
  // Lines rise to the right: a label meets none on the left above their start, nor on the right below their end.
  const bool left = !drawn || limit.value > top / 2;
  layers.push_back({{"data", once()}, {"mark", {{"type", "text"}, {"style", "limit_label"}, {"text", limit.label + (drawn ? "" : ": above this chart")},
                              {"align", left ? "left" : "right"}, {"baseline", drawn ? "bottom" : "top"}, {"dx", left ? 4 : -4}, {"dy", drawn ? -4 : 4}}},
                    {"encoding", {{"x", {{"value", left ? Json(0) : Json("width")}}}, {"y", y}}}});
}

Json value_axis(const char* field, const std::string& title, const char* format, Json scale) {
  return {{"field", field}, {"type", "quantitative"}, {"title", title}, {"scale", std::move(scale)}, {"axis", {{"format", format}, {"tickCount", 5}}}};
}

/// Lines below a chart, in the order in which they are added.
void add_note(Json& spec, const std::string& note) {
  if (!spec.contains("title")) spec["title"] = {{"text", Json::array()}, {"orient", "bottom"}, {"anchor", "end"}};
  spec["title"]["text"].push_back(note);
}

/// Whole numbers as such: concurrency is a count, unless a chart is given something else.
std::string label_of(double x) { return x == std::round(x) ? std::to_string(static_cast<long long>(x)) : Json(x).dump(); }

}  // namespace

std::string concurrency_chart(const ConcurrencyChart& values) {
  std::vector<double> xs;
  for (const auto& series : values.series)
    for (const auto& point : series.points) place_of(xs, point.x);
  std::sort(xs.begin(), xs.end());

  std::vector<std::string> labels, names;
  for (double x : xs) labels.push_back(label_of(x));
  Json rows = Json::array();
  for (const auto& series : values.series) {
    const double aside = dodge(place_of(names, series.name), values.series.size());
    for (const auto& p : series.points) {
      rows.push_back({{"series", series.name}, {"place", static_cast<double>(place_of(xs, p.x)) + aside}, {"value", p.y}});
      put_interval(rows.back(), p.lo, p.hi);
    }
  }

  const double top = highest(values);
  Json scale = {{"domainMin", 0}};
  if (values.limit && in_sight(*values.limit, top)) scale["domainMax"] = std::max(top * 1.05, values.limit->value * 1.15);
  Json place = {{"x", steps("place", labels, "concurrent requests", false)}, {"color", named_by_colour(names, names)}};
  Json marked = place;
  marked["y"] = value_axis("value", values.y_title, ",~f", scale);

  Json spec = chart_of(std::move(rows), 300);
  Json& layers = spec["layer"];
  layers.push_back({{"mark", "line"}, {"encoding", marked}});
  add_whiskers(layers, place, "y");
  marked["shape"] = named_by_colour(names, names);
  layers.push_back({{"mark", {{"type", "point"}, {"filled", true}}}, {"encoding", marked}});
  if (values.limit) add_limit(layers, *values.limit, top);
  return spec.dump();
}

std::string delta_chart(const DeltaChart& values) {
  std::vector<std::string> points, candidates;
  for (const auto& d : values.deltas) place_of(points, d.point), place_of(candidates, d.candidate);
  Json rows = Json::array();
  bool any_hollow = false;
  for (const auto& d : values.deltas) {
    const double aside = 2 * dodge(place_of(candidates, d.candidate), candidates.size());
    rows.push_back({{"series", d.candidate}, {"place", static_cast<double>(place_of(points, d.point)) + aside},
                    {"value", d.percent}, {"distinguishable", d.distinguishable}});
    put_interval(rows.back(), d.lo, d.hi);
    any_hollow = any_hollow || !d.distinguishable;
  }
  std::vector<std::string> domain{""};     // the baseline's place among the colours: it has no row here
  domain.insert(domain.end(), candidates.begin(), candidates.end());

  Json place = {{"y", steps("place", points, nullptr, true)}, {"color", named_by_colour(domain, candidates)}};
  Json marked = place;
  marked["x"] = value_axis("value", values.x_title, "+,~f", {{"zero", true}});
  marked["x"]["axis"]["labelExpr"] = "datum.value === 0 ? '0' : datum.label";
  marked["shape"] = named_by_colour(domain, candidates);

  Json spec = chart_of(std::move(rows), static_cast<int>(100 + points.size() * (20 + 14 * candidates.size())));
  Json& layers = spec["layer"];
  layers.push_back({{"data", once()}, {"mark", {{"type", "rule"}, {"style", "zero"}}}, {"encoding", {{"x", {{"datum", 0}, {"type", "quantitative"}}}}}});
  add_whiskers(layers, place, "x");
  auto add_dots = [&](const char* filter, Json mark) {
    layers.push_back({{"transform", Json::array({{{"filter", filter}}})}, {"mark", std::move(mark)}, {"encoding", marked}});
  };
  add_dots("datum.distinguishable", {{"type", "point"}, {"filled", true}});
  add_dots("!datum.distinguishable", {{"type", "point"}, {"filled", false}, {"style", "hollow"}});
  if (any_hollow) add_note(spec, "hollow mark: not distinguishable from the baseline, or undecided");
  return spec.dump();
}

std::string with_note(const std::string& spec, const std::string& note) {
  Json chart = Json::parse(spec);
  add_note(chart, note);
  return chart.dump();
}

std::string memory_chart(const MemoryChart& values) {
  std::vector<std::string> variants, parts;
  Json rows = Json::array(), totals = Json::array();
  double largest = 0;
  for (const auto& bar : values.bars) {
    place_of(variants, bar.variant);
    double total = 0;
    for (const auto& part : bar.parts) {
      rows.push_back({{"variant", bar.variant}, {"part", part.name}, {"order", place_of(parts, part.name)}, {"amount", part.amount}});
      total += part.amount;
    }
    totals.push_back({{"variant", bar.variant}, {"total", total}});
    largest = std::max(largest, total);
  }
  const Json place = {{"field", "variant"}, {"type", "ordinal"}, {"title", nullptr}, {"scale", {{"domain", variants}, {"padding", 0.35}}},
                      {"axis", {{"labelPadding", 6}, {"ticks", false}, {"domain", false}}}};
  // Room on the right for the longest bar's total.
  Json amount = value_axis("amount", values.x_title, ",~f", {{"domain", {0, largest * 1.14}}, {"nice", false}});
  amount["stack"] = "zero";
  const Json colour = {{"field", "part"}, {"type", "nominal"}, {"scale", {{"domain", parts}, {"range", "ordinal"}}}, {"legend", {{"symbolType", "square"}}}};
  const Json total = {{"field", "total"}, {"type", "quantitative"}};
  Json label = total;
  label["format"] = largest < 100 ? ",.2f" : ",.0f";

  Json spec = chart_of(std::move(rows), static_cast<int>(90 + 36 * variants.size()));
  Json& layers = spec["layer"];
  layers.push_back({{"mark", {{"type", "bar"}, {"style", "part"}}}, {"encoding", {{"y", place}, {"x", amount}, {"order", {{"field", "order"}}}, {"color", colour}}}});
  layers.push_back({{"data", {{"values", std::move(totals)}}}, {"mark", {{"type", "text"}, {"align", "left"}, {"dx", 5}}},
                    {"encoding", {{"y", place}, {"x", total}, {"text", label}}}});
  return spec.dump();
}

}  // namespace qc
