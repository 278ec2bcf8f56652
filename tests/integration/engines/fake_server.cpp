// A server with known answers. It takes llama-server's words (--port, --alias, -np, -c; all others are passed over) and answers /health,
// /v1/models and /props as llama-server would. With --answers FOLDER only the folder's files answer: GET /v1/models is "v1_models", whose
// first line is the status. With --key KEY every request must carry it. One request at a time, one connection each.
// With vLLM's words (--served-model-name) it answers as vLLM does. --say FILE prints a recorded log first; --end CODE ends it then.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <string>

namespace {

using Options = std::map<std::string, std::string>;

struct Answer { std::string status = "404"; std::string body = "{}"; };

Answer as_llama(const Options& options, const std::string& path) {
  const auto option = [&](const char* name, const char* otherwise) { return options.contains(name) ? options.at(name) : otherwise; };
  const int slots = std::stoi(option("-np", "1")), context = std::stoi(option("-c", "512")) / slots;
  if (path == "/health") return {"200", R"({"status":"ok"})"};
  if (path == "/v1/models") return {"200", R"({"object":"list","data":[{"id":")" + option("--alias", "none") + R"("}]})"};
  if (path == "/props")
    return {"200", "{\"total_slots\":" + std::to_string(slots) + ",\"build_info\":\"fake\",\"default_generation_settings\":{\"n_ctx\":" + std::to_string(context) + "}}"};
  return {};
}

Answer as_vllm(const Options& options, const std::string& path) {
  const std::string length = options.contains("--max-model-len") ? options.at("--max-model-len") : "20480";
  if (path == "/health") return {"200", ""};
  if (path == "/version") return {"200", R"({"version":"0.25.1"})"};
  if (path == "/v1/chat/completions") return {"200", "{}"};
  if (path == "/v1/models") return {"200", R"({"object":"list","data":[{"id":")" + options.at("--served-model-name") + R"(","max_model_len":)" + length + "}]}"};
  return {};
}

Answer from_folder(const std::string& folder, std::string path) {
  std::replace(path.begin(), path.end(), '/', '_');
  std::ifstream in(folder + "/" + path.substr(1));
  Answer answer;
  if (!std::getline(in, answer.status)) return {};
  answer.body.assign(std::istreambuf_iterator<char>(in), {});
  return answer;
}

Answer answer(const Options& options, const std::string& request) {
  const auto path_at = request.find(' ') + 1;
  const auto path = request.substr(path_at, request.find(' ', path_at) - path_at);
  if (options.contains("--key") && request.find("Authorization: Bearer " + options.at("--key") + "\r\n") == std::string::npos) return {"401", "{}"};
  if (options.contains("--answers")) return from_folder(options.at("--answers"), path);
  return options.contains("--served-model-name") ? as_vllm(options, path) : as_llama(options, path);
}

/// The head, and the body where a length is given.
std::string read_request(int connection) {
  std::string text;
  char chunk[4096];
  for (ssize_t n; (n = read(connection, chunk, sizeof chunk)) > 0;) {
    text.append(chunk, static_cast<std::size_t>(n));
    const auto head = text.find("\r\n\r\n");
    if (head == std::string::npos) continue;
    const auto length = text.find("Content-Length: ");
    if (length == std::string::npos || length > head || text.size() >= head + 4 + std::stoul(text.substr(length + 16))) return text;
  }
  return text;
}

[[noreturn]] void serve(int listener, const Options& options) {
  for (;;) {
    const int connection = accept(listener, nullptr, nullptr);
    const auto request = read_request(connection);
    const auto [status, body] = answer(options, request);
    const auto reply = "HTTP/1.1 " + status + " x\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" + body;
    if (write(connection, reply.data(), reply.size()) < 0) _exit(1);
    close(connection);
  }
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  for (int i = 1; i + 1 < argc; ++i)
    if (argv[i][0] == '-') options[argv[i]] = argv[i + 1];
  if (options.contains("--say")) std::cout << std::ifstream(options["--say"]).rdbuf() << std::flush;
  if (options.contains("--end")) return std::stoi(options["--end"]);
  const int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(options["--port"])));
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || listen(listener, 16) != 0) return 1;
  serve(listener, options);
}
