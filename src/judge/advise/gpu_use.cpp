#include <algorithm>
#include <map>

#include "judge/advise/server_truth.h"
#include "judge/advise/trial_words.h"
#include "judge/compare/samples.h"
#include "stats/stats.h"

namespace qc {
namespace {

using Readings = std::vector<const GpuSample*>;

std::map<int, Readings> by_trial(const StudyData& data) {
  std::map<int, Readings> all;
  for (const auto& sample : data.telemetry.gpu)
    if (sample.device == 0) all[sample.trial_id].push_back(&sample);
  return all;
}

constexpr const char* kNoReading = "no reading fell between the first request of a visit and its last answer";

template <class Field>
Measured mean_of(const Readings& samples, Field field, const std::string& na) {
  std::vector<double> values;
  for (const auto* s : samples)
    if (s->*field) values.push_back(static_cast<double>(*(s->*field)));
  Measured m;
  m.value = mean(values);
  if (!m.value) m.na = samples.empty() ? kNoReading : na;
  return m;
}

Measured share_with(const Readings& samples, std::int64_t bits) {
  double with = 0, all = 0;
  for (const auto* s : samples)
    if (s->event_reasons) ++all, with += (*s->event_reasons & bits) != 0;
  Measured m;
  if (all > 0) m.value = with / all;
  else m.na = samples.empty() ? kNoReading : "this GPU does not tell why it slows down";
  return m;
}

/// Readings while requests were open: from the first one sent to the last answer. What a card does before and after is no load, though no
/// driver calls it idle.
Readings under_load(const Readings& samples, const std::vector<const RequestRecord*>& requests) {
  std::optional<Instant> first, last;
  for (const auto* r : requests) {
    if (r->warmup) continue;
    first = std::min(first.value_or(r->sent), r->sent);
    if (r->done) last = std::max(last.value_or(*r->done), *r->done);
  }
  Readings open;
  if (first && last) std::ranges::copy_if(samples, std::back_inserter(open), [&](const GpuSample* s) { return s->at >= *first && s->at <= *last; });
  return open;
}

/// Joule of one trial: the card's own counter, else power over time.
std::optional<double> energy(const Readings& samples) {
  if (samples.size() < 2) return std::nullopt;
  const GpuSample &first = *samples.front(), &last = *samples.back();
  if (first.energy_mj && last.energy_mj && *last.energy_mj >= *first.energy_mj) return static_cast<double>(*last.energy_mj - *first.energy_mj) / 1000;
  double joule = 0;
  for (std::size_t i = 1; i < samples.size(); ++i) {
    if (!samples[i - 1]->power_w || !samples[i]->power_w) return std::nullopt;
    joule += (*samples[i - 1]->power_w + *samples[i]->power_w) / 2 * seconds(samples[i]->at - samples[i - 1]->at);
  }
  return joule;
}

/// Watt over all visits of a cell: by the energy counter where it is there, since the card's own power reading lags behind visits of a second.
Measured mean_power(const CellTrials& trials, const std::map<int, Readings>& gpu, const Readings& busy) {
  double joule = 0, length = 0;
  for (const auto* trial : trials) {
    const auto at = gpu.find(trial->id);
    if (at == gpu.end() || at->second.size() < 2) continue;
    if (!at->second.front()->energy_mj || !at->second.back()->energy_mj) return mean_of(busy, &GpuSample::power_w, "this GPU does not tell its power");
    joule += *energy(at->second), length += seconds(at->second.back()->at - at->second.front()->at);
  }
  if (length <= 0) return mean_of(busy, &GpuSample::power_w, "this GPU does not tell its power");
  Measured m;
  m.value = joule / length;
  return m;
}

Measured joule_per_token(const CellTrials& trials, const std::map<int, Readings>& gpu, const RequestIndex& index) {
  double joule = 0, tokens = 0;
  Measured m;
  for (const auto* trial : trials) {
    const auto at = gpu.find(trial->id);
    const auto one = at == gpu.end() ? std::nullopt : energy(at->second);
    if (!one) return m.na = "the GPU told neither energy nor power around every trial", m;
    joule += *one;
    for (const auto* r : index.of(trial->id))
      if (!r->warmup) tokens += r->output_tokens.value_or(0);
  }
  if (tokens > 0) m.value = joule / tokens;
  else m.na = "no token of this cell was counted";
  return m;
}

/// Over all visits, those too that do not count for it.
Measured slowed(const StudyData& data, const std::map<int, Readings>& gpu, const GpuRow& row) {
  Readings all;
  for (const auto& t : data.trials)
    if (t.workload == row.workload && t.variant == row.variant && t.concurrency == row.concurrency)
      if (const auto at = gpu.find(t.id); at != gpu.end()) std::ranges::copy(at->second, std::back_inserter(all));
  return share_with(all, event_reason::kHeatOrHardware);
}

Measured highest_temperature(const Readings& samples) {
  Measured m;
  for (const auto* s : samples)
    if (s->temp_c) m.value = std::max(m.value.value_or(-273), static_cast<double>(*s->temp_c));
  if (!m.value) m.na = "this GPU does not tell its temperature";
  return m;
}

}  // namespace

std::vector<GpuRow> gpu_rows(const StudyData& data) {
  std::vector<GpuRow> rows;
  const auto gpu = by_trial(data);
  if (gpu.empty()) return rows;
  const RequestIndex index(data);
  for_each_cell(data, [&](const Workload& workload, int concurrency, const Variant& variant, const CellTrials& trials) {
    Readings busy;
    for (const auto* trial : trials)
      if (const auto at = gpu.find(trial->id); at != gpu.end()) std::ranges::copy(under_load(at->second, index.of(trial->id)), std::back_inserter(busy));
    GpuRow row;
    row.workload = workload.name, row.variant = variant.name, row.concurrency = concurrency;
    row.readings = static_cast<int>(busy.size());
    row.power_w = mean_power(trials, gpu, busy), row.sm_mhz = mean_of(busy, &GpuSample::sm_mhz, "this GPU does not tell its clock");
    row.temp_max_c = highest_temperature(busy), row.power_capped = share_with(busy, event_reason::kPowerCap);
    row.slowed = slowed(data, gpu, row), row.joule_per_token = joule_per_token(trials, gpu, index);
    rows.push_back(std::move(row));
  });
  return rows;
}

}  // namespace qc
