#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <simdjson.h>

#include "core/text.h"
#include "measure/client/openai.h"

namespace qc {
namespace {

// A parser that splits one token's text into two deltas makes a few more events than tokens; without a count from the server
// that alone is no runaway until this many are too many.
constexpr int kEventSlack = 8;

constexpr std::array<std::string_view, 21> kKnownFields = {
    "id", "object", "created", "model", "choices", "usage", "system_fingerprint", "timings", "error", "service_tier",
    "prompt_token_ids", "prompt_text", "prompt_progress", "__verbose", "obfuscation", "kv_transfer_params", "metadata", "sglext",
    "prompt_logprobs", "provider", "prompt_filter_results"};

using Element = simdjson::dom::element;
using Array = simdjson::dom::array;

// A parser keeps its buffers from one event to the next.
simdjson::dom::parser& parser() {
  static thread_local simdjson::dom::parser one;
  return one;
}

/// Empty where there is none, or null.
std::optional<Element> member(Element object, std::string_view key) {
  Element value;
  if (!object.is_object() || object[key].get(value) != simdjson::SUCCESS || value.is_null()) return std::nullopt;
  return value;
}

std::optional<int> count_at(Element object, std::string_view key) {
  const auto value = member(object, key);
  std::int64_t n = 0;
  if (!value || value->get(n) != simdjson::SUCCESS || n < 0 || n > 1'000'000'000) return std::nullopt;
  return static_cast<int>(n);
}

std::optional<std::string_view> text_at(Element object, std::string_view key) {
  const auto value = member(object, key);
  std::string_view text;
  if (!value || value->get(text) != simdjson::SUCCESS) return std::nullopt;
  return text;
}

bool has_text(Element object, std::string_view key) {
  const auto text = text_at(object, key);
  return text && !text->empty();
}

std::optional<Array> list_at(Element object, std::string_view key) {
  const auto value = member(object, key);
  Array list;
  if (!value || value->get(list) != simdjson::SUCCESS) return std::nullopt;
  return list;
}

bool carries_call(Element function) { return has_text(function, "name") || has_text(function, "arguments"); }

/// METRICS.md: non-empty content, reasoning or tool text.
bool carries_text(Element choice) {
  if (has_text(choice, "text")) return true;
  const auto delta = member(choice, "delta");
  if (!delta) return false;
  for (const char* key : {"content", "reasoning_content", "reasoning"})
    if (has_text(*delta, key)) return true;
  if (const auto call = member(*delta, "function_call"); call && carries_call(*call)) return true;
  if (const auto calls = list_at(*delta, "tool_calls"))
    for (const Element call : *calls)
      if (const auto function = member(call, "function"); function && carries_call(*function)) return true;
  return false;
}

std::optional<std::string_view> answer_text(Element choice) {
  if (const auto delta = member(choice, "delta")) return text_at(*delta, "content");
  return text_at(choice, "text");
}

struct Counts { std::optional<int> prompt, completion, cached, timed; };

/// Usage in whichever event carries it; llama-server's timings tell of cached tokens too, and of those made so far.
Counts counts_in(Element event) {
  Counts out;
  if (const auto timings = member(event, "timings")) out.cached = count_at(*timings, "cache_n"), out.timed = count_at(*timings, "predicted_n");
  const auto usage = member(event, "usage");
  if (!usage) return out;
  out.completion = count_at(*usage, "completion_tokens");
  out.prompt = count_at(*usage, "prompt_tokens");
  if (const auto details = member(*usage, "prompt_tokens_details"))
    if (auto cached = count_at(*details, "cached_tokens")) out.cached = cached;
  return out;
}

std::optional<int> ids_in(Element choice) {
  const auto list = list_at(choice, "token_ids");
  return list ? std::optional(static_cast<int>(list->size())) : std::nullopt;
}

/// An `error` object inside a 200 stream, as llama-server and vLLM send it, or a bare one as older vLLM did.
std::optional<std::string> error_in(Element event) {
  const auto error = member(event, "error");
  if (!error && text_at(event, "object") != "error") return std::nullopt;
  const Element holder = error && error->is_object() ? *error : event;
  if (const auto message = text_at(holder, "message")) return std::string(*message);
  std::string_view text;
  return error && error->get(text) == simdjson::SUCCESS ? std::string(text) : std::string("an error without a message");
}

int code_points(std::string_view utf8) {
  return static_cast<int>(std::ranges::count_if(utf8, [](char c) { return !continues_character(c); }));
}

std::string shortened(std::string_view text) {
  return text.size() <= 200 ? std::string(text) : std::string(text.substr(0, 200)) + " ...";
}

}  // namespace

StreamReader::StreamReader(int max_tokens, bool ignore_eos, bool keep_text)
    : max_tokens_(max_tokens), ignore_eos_(ignore_eos), keep_text_(keep_text) {}

bool StreamReader::give_up(Failure kind, std::string detail) {
  failure_ = Doubt{kind, std::move(detail)};
  return false;
}

bool StreamReader::on_event(std::string_view data, Instant at, Stamp stamp) {
  if (data == "[DONE]") {
    ++dones_;
    return false;
  }
  if (failure_) return false;
  if (data.empty()) return dones_ == 0;  // a keep-alive
  Element event;
  if (parser().parse(data.data(), data.size()).get(event) != simdjson::SUCCESS || !event.is_object()) return give_up(Failure::bad_stream, "an event that is no JSON object: " + shortened(data));
  if (auto message = error_in(event)) return give_up(Failure::error_event, shortened(*message));
  for (const auto field : simdjson::dom::object(event)) note_unknown(field.key);

  const Counts counts = counts_in(event);
  if (counts.completion) completion_tokens_ = counts.completion;
  if (counts.prompt) prompt_tokens_ = counts.prompt;
  if (counts.cached) cached_tokens_ = counts.cached;
  if (counts.timed) timed_tokens_ = counts.timed;
  if (const auto choices = list_at(event, "choices"))
    for (const Element choice : *choices) {
      const auto ids = ids_in(choice);
      ids_ += ids.value_or(0);
      if (const auto reason = text_at(choice, "finish_reason")) finish_reason_ = *reason;
      if (const auto text = answer_text(choice)) {
        characters_ += code_points(*text);
        if (keep_text_) text_ += *text;
      }
      if (carries_text(choice)) seen_.push_back({at, stamp, counts.completion, ids});
    }
  return !over_length() && dones_ == 0;
}

void StreamReader::note_unknown(std::string_view key) {
  if (std::ranges::find(kKnownFields, key) == kKnownFields.end() && std::ranges::find(unknown_, key) == unknown_.end()) unknown_.emplace_back(key);
}

bool StreamReader::over_length() {
  const int events = static_cast<int>(seen_.size());
  const int counted = completion_tokens_ ? *completion_tokens_ : ids_ > 0 ? ids_ : events - kEventSlack;
  if (counted <= max_tokens_) return false;
  give_up(Failure::runaway, fmt::format("{} tokens came and {} were asked for", counted == events - kEventSlack ? events : counted, max_tokens_));
  return true;
}

std::vector<Event> StreamReader::events() const {
  std::vector<Event> out;
  int credited = 0;
  for (const Seen& s : seen_) {
    int tokens = s.ids.value_or(1);
    if (s.usage) tokens = std::max(0, *s.usage - credited);   // a total that only the last event carries rises by the same
    credited += tokens;
    out.push_back({s.at, tokens, s.stamp});
  }
  const std::optional<int> total = server_count();
  if (out.empty() || !total) return out;
  if (*total > credited) out.back().tokens += *total - credited;
  // More text events than tokens: a token whose text came in two deltas. The sum stays the server's count.
  int surplus = credited - *total;
  for (auto it = out.rbegin(); it != out.rend() && surplus > 0; ++it) {
    const int taken = std::min(surplus, it->tokens);
    it->tokens -= taken;
    surplus -= taken;
  }
  return out;
}

std::optional<int> StreamReader::server_count() const {
  if (completion_tokens_) return completion_tokens_;
  return ids_ > 0 ? std::optional(ids_) : timed_tokens_;
}

std::optional<int> StreamReader::output_tokens() const {
  if (auto count = server_count()) return count;
  return seen_.empty() ? std::nullopt : std::optional(static_cast<int>(seen_.size()));
}

std::optional<StreamReader::Doubt> StreamReader::verdict(bool clean_end) const {
  if (failure_) return failure_;
  if (!clean_end && dones_ == 0) return Doubt{Failure::bad_stream, fmt::format("the answer broke off after {} text events", seen_.size())};
  if (finish_reason_.empty()) return Doubt{Failure::truncated, fmt::format("ended without finish_reason after {} text events", seen_.size())};
  const int tokens = output_tokens().value_or(0);
  if (ignore_eos_ && server_count() && tokens < max_tokens_ && finish_reason_ != "stop")
    return Doubt{Failure::truncated, fmt::format("{} of {} tokens, finish_reason {}", tokens, max_tokens_, finish_reason_)};
  if (tokens > max_tokens_) return Doubt{Failure::runaway, fmt::format("{} tokens came and {} were asked for", tokens, max_tokens_)};
  return std::nullopt;
}

void StreamReader::finish(RequestRecord& record, bool clean_end) const {
  record.events = events();
  if (!record.events.empty()) {
    record.first = record.events.front().at;
    record.last = record.events.back().at;
  }
  record.prompt_tokens = prompt_tokens_;
  record.output_tokens = output_tokens();
  record.cached_tokens = cached_tokens_;
  record.finish_reason = finish_reason_;
  record.text = text_;
  if (!seen_.empty()) record.characters = characters_;
  // How the transport failed is known better there: beside that, only what the stream itself said counts.
  const auto doubt = record.failure ? failure_ : verdict(clean_end);
  if (!doubt || (record.failure && *record.failure <= doubt->kind)) return;
  record.failure = doubt->kind;
  record.failure_detail = doubt->detail;
}

std::vector<std::string> StreamReader::warnings() const {
  std::vector<std::string> out;
  if (dones_ > 1) out.push_back("[DONE] came more than once");
  if (dones_ == 0 && !finish_reason_.empty() && !failure_) out.push_back("[DONE] missing after a finish_reason");
  if (!completion_tokens_ && !seen_.empty()) out.emplace_back(ids_ > 0 ? "no usage: token_ids were counted" : timed_tokens_ ? "no usage: the timings' predicted_n was taken" : kEventsCounted);
  if (completion_tokens_ && *completion_tokens_ < static_cast<int>(seen_.size())) out.push_back("more text events than tokens in usage");
  for (const std::string& name : unknown_) out.push_back("unknown field \"" + shortened(name) + "\"");
  return out;
}

}  // namespace qc
