#include "judge/capacity/level_watch.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace qc {
namespace {

constexpr int kLooks = 8;
constexpr std::size_t kLeastLook = 24;
constexpr double kCorrelatedByChance = 1.3;   // what independent requests seem to be short of: else half of such levels would need twice the sample

/// So many independent requests, none over the limit, show that it is met: share^n <= miss.
double clean_sample(double share, double miss) { return std::log(miss) / std::log(share); }

std::vector<ServiceLimit> without_those_of_each(std::vector<ServiceLimit> limits) {
  std::erase_if(limits, [](const ServiceLimit& each) { return each.of_each_request(); });
  return limits;
}

}  // namespace

LevelWatch::LevelWatch(std::vector<ServiceLimit> limits, std::size_t slots, double miss)
    : limits_(std::move(limits)), judged_(without_those_of_each(limits_)), slots_(slots), first_look_(kLeastLook), miss_(miss / kLooks) {
  assert(!judged_.empty());
  double most = 0;
  for (const ServiceLimit& each : judged_) most = std::max(most, clean_sample(each.share, miss_));
  // The third look is the first that can find a level met, a tenth being left out; the first two find those that miss by far.
  first_look_ = std::max({kLeastLook, static_cast<std::size_t>(std::ceil(kCorrelatedByChance * most / 4 / 0.9)), 3 * slots_});
  standing_.limits.resize(judged_.size());
}

std::size_t LevelWatch::look_at(int look) const { return first_look_ << look; }
std::size_t LevelWatch::most_requests() const { return look_at(kLooks - 1); }

LevelWatch::Facts LevelWatch::facts_of(const RequestRecord& r) const {
  Facts facts;
  for (const ServiceLimit& limit : judged_) {
    std::vector<double> gaps;
    std::optional<double> own;
    if (limit.what == Bounded::failed) own = r.ok() ? 0 : 1;
    else if (limit.what == Bounded::missed) own = r.ok() ? worst_ratio(r, limits_) : kNeverMs;
    else own = r.ok() ? latency_of(r, limit) : kNeverMs;
    if (limit.what == Bounded::itl) gaps = r.ok() ? token_gaps_ms(r) : std::vector<double>{kNeverMs};
    facts.own.push_back(own);
    facts.gaps.push_back(std::move(gaps));
  }
  return facts;
}

LimitSamples LevelWatch::samples(std::size_t limit, std::size_t from, std::size_t to) const {
  LimitSamples out;
  for (std::size_t i = from; i < to; ++i) {
    if (facts_[i]->own[limit]) out.own.push_back(*facts_[i]->own[limit]);
    const auto& gaps = facts_[i]->gaps[limit];
    out.pooled.insert(out.pooled.end(), gaps.begin(), gaps.end());
  }
  if (judged_[limit].what != Bounded::itl) out.pooled = out.own;
  return out;
}

void LevelWatch::judge(std::size_t count) {
  const std::size_t from = std::max(slots_, count / 10);
  standing_.counted = count - from;
  standing_.limited_by.reset();
  for (std::size_t i = 0; i < judged_.size(); ++i) {
    // A level is met only where all limits are, missed where any one is: the chances of the second kind add up.
    standing_.limits[i] = judge_limit(judged_[i], samples(i, from, count), miss_, miss_ / static_cast<double>(judged_.size()));
    if (standing_.limits[i].value && (!standing_.limited_by || standing_.limits[i].room < standing_.room())) standing_.limited_by = i;
  }
  const auto all = [&](Standing s) { return std::ranges::all_of(standing_.limits, [&](const LimitStanding& each) { return each.standing == s; }); };
  const auto any = [&](Standing s) { return std::ranges::any_of(standing_.limits, [&](const LimitStanding& each) { return each.standing == s; }); };
  standing_.standing = any(Standing::missed) ? Standing::missed : all(Standing::met) ? Standing::met : Standing::undecided;
}

bool LevelWatch::add(const RequestRecord& request) {
  const auto place = static_cast<std::size_t>(request.request_id);
  if (facts_.size() <= place) facts_.resize(place + 1);
  facts_[place] = facts_of(request);
  while (next_ < facts_.size() && facts_[next_]) ++next_;
  while (look_ < kLooks && standing_.standing == Standing::undecided && next_ >= look_at(look_)) judge(look_at(look_++));
  return standing_.standing != Standing::undecided || look_ == kLooks;
}

}  // namespace qc
