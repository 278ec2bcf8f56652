#include <fmt/format.h>

#include "core/files.h"
#include "core/json.h"
#include "core/text.h"
#include "measure/load/prompts.h"

namespace qc {
namespace {

constexpr const char* kAccepted = R"(accepted: {"prompt": "text"}, {"messages": [{"role": "user", "content": "text"}]} or "text")";

Result<std::string> messages_text(const Json& messages) {
  if (!messages.is_array() || messages.empty()) return fail(Fault::usage, "\"messages\" is no list, or empty");
  std::string text;
  for (const Json& message : messages) {
    if (!message.is_object() || !message.contains("content") || !message["content"].is_string())
      return fail(Fault::usage, "a message without a \"content\" string");
    if (!text.empty()) text += "\n\n";
    text += message["content"].get_ref<const std::string&>();
  }
  return text;
}

/// A line's text, or what is wrong with it.
Result<std::string> line_text(const Json& line) {
  if (line.is_string()) return line.get<std::string>();
  if (!line.is_object()) return fail(Fault::usage, fmt::format("a {}", line.type_name()));
  if (line.contains("prompt")) {
    if (!line["prompt"].is_string()) return fail(Fault::usage, fmt::format("\"prompt\" is a {}", line["prompt"].type_name()));
    return line["prompt"].get<std::string>();
  }
  if (line.contains("messages")) return messages_text(line["messages"]);
  return fail(Fault::usage, "an object without \"prompt\" or \"messages\"");
}

std::string line_id(const Json& line, std::size_t number) {
  if (line.is_object() && line.contains("id")) {
    if (line["id"].is_string()) return line["id"].get<std::string>();
    if (line["id"].is_number()) return line["id"].dump();
  }
  return fmt::format("line-{}", number);
}

Result<Prompt> read_line(std::string_view bytes, std::size_t number) {
  const auto line = parse_json(bytes, "line");
  if (!line) return fail(Fault::usage, "not JSON");
  auto text = line_text(*line);
  if (!text) return fail(text.error());
  if (trim(*text).empty()) return fail(Fault::usage, "an empty prompt");
  auto hash = sha256(*text);
  return Prompt{line_id(*line, number), std::move(*text), std::move(hash)};
}

}  // namespace

Result<std::vector<Prompt>> read_prompt_lines(std::string_view text, const std::string& name) {
  std::vector<Prompt> prompts;
  std::size_t number = 0;
  for (const std::string& line : split(text, '\n')) {
    ++number;
    if (trim(line).empty()) continue;
    auto prompt = read_line(trim(line), number);
    if (!prompt) return fail(Fault::usage, fmt::format("{}:{}: found {}; {}", name, number, prompt.error().message, kAccepted));
    prompts.push_back(std::move(*prompt));
  }
  if (prompts.empty()) return fail(Fault::usage, fmt::format("{}: holds no prompt; one a line, {}", name, kAccepted));
  return prompts;
}

}  // namespace qc
