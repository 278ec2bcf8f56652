#include <fmt/format.h>

#include <algorithm>

#include "core/files.h"
#include "core/json.h"
#include "core/text.h"
#include "measure/load/prompts.h"

namespace qc {
namespace {

constexpr const char* kAccepted = R"(each line is {"prompt": "text"}, {"messages": [{"role": "user", "content": "text"}]} or "text")";

constexpr std::string_view kRoles[] = {"system", "user", "assistant", "developer", "tool"};

/// "an array", "a number", "null".
std::string kind_of(const Json& value) {
  const std::string name = value.type_name();
  return value.is_null() ? name : (name.find_first_of("aeiou") == 0 ? "an " : "a ") + name;
}

/// What a line asks: a text, and the list of messages where that says more than the text.
struct Question { std::string text, messages; };

bool has_text(const Json& message, const char* key) { return message.is_object() && message.contains(key) && message[key].is_string(); }

Result<Question> chat_question(const Json& messages) {
  if (!messages.is_array() || messages.empty()) return fail(Fault::usage, "\"messages\" is no list, or empty");
  Question question;
  Json kept = Json::array();
  for (const Json& message : messages) {
    if (!has_text(message, "content")) return fail(Fault::usage, "a message without a \"content\" string");
    if (!has_text(message, "role")) return fail(Fault::usage, "a message without a \"role\" (system, user or assistant)");
    if (const auto& role = message["role"].get_ref<const std::string&>(); std::ranges::find(kRoles, role) == std::end(kRoles))
      return fail(Fault::usage, fmt::format("a message of the role \"{}\" (it is one of {})", role, fmt::join(kRoles, ", ")));
    if (!question.text.empty()) question.text += "\n\n";
    question.text += message["content"].get_ref<const std::string&>();
    kept.push_back({{"role", message["role"]}, {"content", message["content"]}});
  }
  if (kept.size() > 1 || kept[0]["role"] != "user") question.messages = json_line(kept);
  return question;
}

/// A line's question, or what is wrong with it.
Result<Question> line_question(const Json& line) {
  if (line.is_string()) return Question{line.get<std::string>(), {}};
  if (!line.is_object()) return fail(Fault::usage, kind_of(line));
  if (line.contains("prompt")) {
    if (!line["prompt"].is_string()) return fail(Fault::usage, fmt::format("\"prompt\" is {}", kind_of(line["prompt"])));
    return Question{line["prompt"].get<std::string>(), {}};
  }
  if (line.contains("messages")) return chat_question(line["messages"]);
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
  if (!line) return fail(Fault::usage, is_utf8(bytes) ? "not JSON" : "bytes that are not UTF-8 (convert the file to UTF-8)");
  auto question = line_question(*line);
  if (!question) return fail(question.error());
  if (trim(question->text).empty()) return fail(Fault::usage, "an empty prompt");
  auto hash = sha256(question->messages.empty() ? question->text : question->messages);
  return Prompt{line_id(*line, number), std::move(question->text), std::move(hash), std::move(question->messages)};
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
  if (prompts.empty()) return fail(Fault::usage, fmt::format("{}: holds no prompt; {}", name, kAccepted));
  return prompts;
}

}  // namespace qc
