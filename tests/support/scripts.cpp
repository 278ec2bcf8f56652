// The scripts, one function a behaviour.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "support/conversation.h"

namespace qc::test {
namespace {
using namespace std::chrono_literals;

void end_well(Conversation& c) {
  c.finish();
  c.usage(c.asked_tokens());
  c.done();
  c.end();
}

void good(Conversation& c) {
  c.begin_stream();
  c.tokens(c.asked_tokens());
  end_well(c);
}

void some(Conversation& c) {
  c.begin_stream();
  c.tokens(c.script().good_tokens);
}

void error_json(Conversation& c, std::string_view status, std::string_view message, std::string_view type) {
  c.answer(status, "application/json; charset=utf-8", fmt::format(R"({{"error":{{"code":{},"message":"{}","type":"{}"}}}})", status.substr(0, 3), message, type));
}

const std::array kScripts = {
    ScriptEntry{"stream", "a good answer: role, tokens, finish, usage with timings, [DONE]", good},
    ScriptEntry{"one-write", "a good answer whose events all come in one write", [](Conversation& c) {
      c.begin_unchunked("Connection: close\r\n");
      std::string all;
      for (int i = 0; i < c.asked_tokens(); ++i) all += "data: {\"choices\":[{\"index\":0,\"text\":\" x\",\"delta\":{\"content\":\" x\"},\"finish_reason\":null}]}\n\n";
      c.wire(all);
      end_well(c);
      c.close();
    }},
    ScriptEntry{"no-usage", "a good answer without usage", [](Conversation& c) {
      c.begin_stream();
      c.tokens(c.asked_tokens());
      c.finish();
      c.done();
      c.end();
    }},
    ScriptEntry{"continuous-usage", "usage in every event, as vLLM on request", [](Conversation& c) {
      c.begin_stream();
      for (int i = 1; i <= c.asked_tokens(); ++i) c.token(fmt::format(R"(,"usage":{{"prompt_tokens":32,"completion_tokens":{}}})", i));
      end_well(c);
    }},
    ScriptEntry{"pairs", "two tokens an event, 50 ms apart, with usage in each where that is asked for", [](Conversation& c) {
      c.begin_stream();
      for (int i = 1; i <= c.asked_tokens() / 2; ++i) {
        if (i > 1) c.wait(50ms);
        c.token(c.asked_continuous_usage() ? fmt::format(R"(,"usage":{{"prompt_tokens":32,"completion_tokens":{}}})", 2 * i) : "");
      }
      end_well(c);
    }},
    ScriptEntry{"strict", "400 where usage in each event is asked for, else a good answer", [](Conversation& c) {
      if (c.asked_continuous_usage()) return error_json(c, "400 Bad Request", "Unrecognized request argument supplied: stream_options.continuous_usage_stats", "invalid_request_error");
      good(c);
    }},
    ScriptEntry{"cached", "a good answer of which half the prompt came from a cache", [](Conversation& c) {
      c.begin_stream();
      c.tokens(c.asked_tokens());
      c.finish();
      c.usage(c.asked_tokens(), 16);
      c.done();
      c.end();
    }},
    ScriptEntry{"done-twice", "[DONE] comes twice", [](Conversation& c) {
      c.begin_stream();
      c.tokens(c.asked_tokens());
      c.finish();
      c.usage(c.asked_tokens());
      c.raw("data: [DONE]\n\ndata: [DONE]\n\n");
      c.end();
    }},
    ScriptEntry{"no-done", "a good answer without [DONE]", [](Conversation& c) {
      c.begin_stream();
      c.tokens(c.asked_tokens());
      c.finish();
      c.usage(c.asked_tokens());
      c.end();
    }},
    ScriptEntry{"no-end", "[DONE], but the body never ends", [](Conversation& c) {
      c.begin_stream();
      c.tokens(c.asked_tokens());
      c.finish();
      c.usage(c.asked_tokens());
      c.done();
      c.wait_for_client_to_leave();
    }},
    ScriptEntry{"stop-early", "a server that does not know ignore_eos: fewer tokens, finish_reason stop", [](Conversation& c) {
      some(c);
      c.finish("stop");
      c.usage(c.sent_tokens());
      c.done();
      c.end();
    }},
    ScriptEntry{"close-mid-stream", "the connection ends inside a chunked body", [](Conversation& c) {
      some(c);
      c.close();
    }},
    ScriptEntry{"reset-mid-stream", "a TCP reset after some tokens", [](Conversation& c) {
      some(c);
      c.wait(20ms);
      c.reset();
    }},
    ScriptEntry{"reset", "a TCP reset instead of an answer", [](Conversation& c) { c.reset(); }},
    ScriptEntry{"no-answer", "the connection ends without an answer", [](Conversation& c) { c.close(); }},
    ScriptEntry{"no-finish", "a body that ends well, but no finish_reason and no [DONE]", [](Conversation& c) {
      some(c);
      c.end();
    }},
    ScriptEntry{"short", "finish_reason length after fewer tokens than asked for, as at a context's end", [](Conversation& c) {
      some(c);
      c.finish();
      c.usage(c.sent_tokens());
      c.done();
      c.end();
    }},
    ScriptEntry{"busy", "429", [](Conversation& c) { error_json(c, "429 Too Many Requests", "slow down", "rate_limit_error"); }},
    ScriptEntry{"unavailable", "503", [](Conversation& c) { error_json(c, "503 Service Unavailable", "Loading model", "unavailable_error"); }},
    ScriptEntry{"too-long-llama", "400 as llama-server words a full context", [](Conversation& c) {
      error_json(c, "400 Bad Request", "request (6031 tokens) exceeds the available context size (4096 tokens), try increasing it", "exceed_context_size_error");
    }},
    ScriptEntry{"too-long-vllm", "400 as vLLM words a full context", [](Conversation& c) {
      error_json(c, "400 Bad Request", "max_tokens=9000 cannot be greater than max_model_len=max_total_tokens=8192. Please request fewer output tokens.", "BadRequestError");
    }},
    ScriptEntry{"not-found", "404", [](Conversation& c) { error_json(c, "404 Not Found", "File Not Found", "not_found_error"); }},
    ScriptEntry{"html-500", "500 with a page of HTML", [](Conversation& c) {
      c.answer("500 Internal Server Error", "text/html", "<html><body><h1>Internal Server Error</h1></body></html>");
    }},
    ScriptEntry{"redirect", "302 to elsewhere", [](Conversation& c) { c.answer("302 Found", "text/html", "", "Location: /elsewhere\r\n"); }},
    ScriptEntry{"error-event", "an error object in a 200 stream, then [DONE]", [](Conversation& c) {
      some(c);
      c.event(R"({"error": {"message": "EngineCore encountered an issue.", "type": "InternalServerError", "param": null, "code": 500}})");
      c.done();
      c.end();
    }},
    ScriptEntry{"silent", "never a byte", [](Conversation& c) { c.wait_for_client_to_leave(); }},
    ScriptEntry{"stall", "some tokens, then nothing", [](Conversation& c) {
      some(c);
      c.wait_for_client_to_leave();
    }},
    ScriptEntry{"trickle", "one byte a second", [](Conversation& c) {
      c.begin_unchunked("Connection: close\r\n");
      while (c.wait(1s)) c.wire(":");
    }},
    ScriptEntry{"keep-alive-comments", "comments for ever, no token", [](Conversation& c) {
      c.begin_stream();
      while (c.wait(50ms)) c.raw(": ping\n\n");
    }},
    ScriptEntry{"broken-json", "an event that is no JSON", [](Conversation& c) {
      some(c);
      c.event(R"({"choices":[{"delta":{"content":"x")");
      c.done();
      c.end();
    }},
    ScriptEntry{"endless", "tokens for ever", [](Conversation& c) {
      c.begin_stream();
      while (c.open()) c.token();
    }},
    ScriptEntry{"endless-line", "one line without end", [](Conversation& c) {
      c.begin_stream();
      c.raw("data: ");
      while (c.open()) c.raw(std::string(1 << 20, 'x'));
    }},
    ScriptEntry{"wrong-length", "a Content-Length longer than the body", [](Conversation& c) {
      c.begin_unchunked("Content-Length: 100000\r\n");
      c.tokens(c.asked_tokens());
      end_well(c);
      c.close();
    }},
    ScriptEntry{"wrong-length-cut", "the same, cut before [DONE]", [](Conversation& c) {
      c.begin_unchunked("Content-Length: 100000\r\n");
      c.tokens(c.script().good_tokens);
      c.close();
    }},
    ScriptEntry{"bad-chunk", "a chunk size that is no number", [](Conversation& c) {
      some(c);
      c.wire("zz\r\nhello\r\n");
      c.wait_for_client_to_leave();
    }},
    ScriptEntry{"not-http", "bytes that are no HTTP", [](Conversation& c) {
      c.wire("SSH-2.0-OpenSSH_9.2\r\n\r\n");
      c.close();
    }},
    ScriptEntry{"json-body", "one whole JSON answer: a server that ignores stream", [](Conversation& c) {
      c.answer("200 OK", "application/json", R"({"choices":[{"index":0,"message":{"content":"hi"},"finish_reason":"stop"}]})");
    }},
    ScriptEntry{"close-reused", "a connection serves one request and ends without a word when a second comes", [](Conversation& c) {
      if (c.earlier_on_connection() > 0) return c.close();
      good(c);
    }},
    ScriptEntry{"close-after", "the connection ends after each answer, unannounced", [](Conversation& c) {
      good(c);
      c.close();
    }},
    ScriptEntry{"say-close", "the connection ends after each answer, announced", [](Conversation& c) {
      c.begin_unchunked("Connection: close\r\n");
      c.tokens(c.asked_tokens());
      end_well(c);
      c.close();
    }},
    ScriptEntry{"close-late", "an answer that only the end of the connection ends, and that comes 50 ms after [DONE]", [](Conversation& c) {
      c.begin_unchunked("Connection: close\r\n");
      c.tokens(c.asked_tokens());
      end_well(c);
      c.wait(50ms);
      c.close();
    }},
    ScriptEntry{"close-late-no-done", "the same without [DONE]", [](Conversation& c) {
      c.begin_unchunked("Connection: close\r\n");
      c.tokens(c.asked_tokens());
      c.finish();
      c.usage(c.asked_tokens());
      c.wait(50ms);
      c.close();
    }},
};

}  // namespace

Play find_script(std::string_view name) {
  const auto* it = std::ranges::find(kScripts, name, &ScriptEntry::name);
  return it == kScripts.end() ? nullptr : it->play;
}

const std::vector<std::pair<std::string, std::string>>& script_names() {
  static const auto names = [] {
    std::vector<std::pair<std::string, std::string>> out;
    for (const ScriptEntry& s : kScripts) out.emplace_back(s.name, s.does);
    return out;
  }();
  return names;
}

}  // namespace qc::test
