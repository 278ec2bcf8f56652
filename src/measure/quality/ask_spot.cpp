#include <fmt/format.h>

#include <algorithm>

#include "core/files.h"
#include "core/time.h"
#include "measure/quality/quality.h"

namespace qc {
namespace {

std::vector<Outgoing> requests_for(const std::vector<SpotItem>& items, const std::string& model, EndpointKind endpoint,
                                   const std::string& variant, int run, std::optional<int> cap) {
  const std::int64_t start = monotonic_clock().now().ns;  // a second asking of the same items must not repeat their ids
  std::vector<Outgoing> requests;
  for (const SpotItem& item : items) {
    Outgoing out;
    out.request_id = static_cast<int>(requests.size());
    out.x_request_id = fmt::format("spot-{}-{}-{}-{}-{:x}", variant, run, item.suite, item.id, start);
    out.prompt_sha256 = sha256(item.prompt);
    out.ask.endpoint = endpoint;
    out.ask.model = model;
    out.ask.prompt = item.prompt;
    out.ask.max_tokens = cap ? std::min(*cap, item.max_tokens) : item.max_tokens;
    out.ask.ignore_eos = false;
    requests.push_back(std::move(out));
  }
  return requests;
}

Answer answer_of(const SpotItem& item, const RequestRecord& record, const std::string& variant, int run) {
  Answer answer;
  answer.variant = variant;
  answer.suite = item.suite;
  answer.item = item.id;
  answer.prompt_sha256 = record.prompt_sha256;
  answer.prompt = item.prompt;
  answer.output = record.text;
  answer.run = run;
  if (record.failure) {
    answer.failure = std::string(to_string(*record.failure));
    if (!record.failure_detail.empty()) answer.failure += ": " + record.failure_detail;
    answer.score_because = fmt::format("Not graded: no answer ({}).", answer.failure);
    return answer;
  }
  auto [score, because] = grade(item.rule, answer.output);
  answer.score = score;
  answer.score_because = std::move(because);
  return answer;
}

/// Of what was left when nothing came any more.
void add_unasked(const std::vector<SpotItem>& items, const std::string& variant, int run, SpotAnswers& asked) {
  for (const SpotItem& item : items) {
    if (std::ranges::any_of(asked.answers, [&](const Answer& a) { return a.suite == item.suite && a.item == item.id; })) continue;
    RequestRecord never;
    never.prompt_sha256 = sha256(item.prompt);
    never.failure = Failure::timeout, never.failure_detail = fmt::format("not asked, since {} before it waited in vain", asked.in_vain);
    asked.answers.push_back(answer_of(item, never, variant, run));
  }
}

}  // namespace

SpotAnswers ask_spot(const ClientOptions& client, const std::string& model, EndpointKind endpoint, const std::string& variant,
                             const std::vector<SpotItem>& items, int run, int slots, std::optional<int> max_tokens_cap,
                             const StopFlag& stop, const std::function<void(int done, int of)>& progress) {
  ClientOptions options = client;
  options.keep_text = true;
  int done = 0;
  SpotAnswers asked;
  const auto on_done = [&](const RequestRecord& r) {
    asked.in_vain = r.failure == Failure::timeout ? asked.in_vain + 1 : 0;
    if (progress) progress(++done, static_cast<int>(items.size()));
  };
  const auto enough = [&] { return asked.in_vain >= std::max(2, slots); };
  const auto requests = requests_for(items, model, endpoint, variant, run, max_tokens_cap);
  const LoopResult loop = closed_loop(options, requests, slots, stop, on_done, enough);
  for (const RequestRecord& record : loop.records)
    if (record.failure != Failure::cancelled) asked.answers.push_back(answer_of(items[static_cast<std::size_t>(record.request_id)], record, variant, run));
  if (enough() && !stop.finish_in_hand()) add_unasked(items, variant, run, asked);
  return asked;
}

}  // namespace qc
