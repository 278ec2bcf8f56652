#include "report/server_figures.h"

#include "core/text.h"

#include <fmt/format.h>

namespace qc {
namespace {

constexpr ServerFigure kFigures[] = {
    {"TTFT mean of the server (ms)", "server_ttft_ms", Unit::fine_ms, &ServerRow::ttft_ms},
    {"our TTFT mean (ms)", "our_ttft_mean_ms", Unit::fine_ms, &ServerRow::our_ttft_ms, false},
    {"TTFT p95 of the server, between (ms)", "server_ttft_p95_ms", Unit::ms, &ServerRow::ttft_p95_ms, true, true},
    {"ITL mean of the server (ms)", "server_itl_ms", Unit::fine_ms, &ServerRow::itl_ms},
    {"our ITL mean (ms)", "our_itl_mean_ms", Unit::fine_ms, &ServerRow::our_itl_ms, false},
    {"Queue (ms)", "server_queue_ms", Unit::fine_ms, &ServerRow::queue_ms},
    {"Prefill (ms)", "server_prefill_ms", Unit::fine_ms, &ServerRow::prefill_ms},
    {"Decode (ms)", "server_decode_ms", Unit::fine_ms, &ServerRow::decode_ms},
    {"Running at most", "server_running_max", Unit::count, &ServerRow::running_max},
    {"Waiting at most", "server_waiting_max", Unit::count, &ServerRow::waiting_max},
    {"KV cache in use at most", "server_kv_usage_max_pct", Unit::share_pct, &ServerRow::kv_usage_max},
    {"Preempted", "server_preemptions", Unit::count, &ServerRow::preemptions},
    {"Output tokens by the server", "server_tokens", Unit::tokens, &ServerRow::tokens},
    {"by our count", "our_tokens", Unit::tokens, &ServerRow::our_tokens, false},
    {"", "server_waiting_share_pct", Unit::share_pct, &ServerRow::waiting_share},
    {"", "tail_pct", Unit::share_pct, &ServerRow::tail, false},
    {"", "slow_first_token_pct", Unit::share_pct, &ServerRow::slow_first_token, false},
    {"", "excess_first_token_pct", Unit::share_pct, &ServerRow::excess_first_token, false},
    {"", "excess_visit_pct", Unit::share_pct, &ServerRow::excess_visit, false},
    {"", "p95_all_ms", Unit::ms, &ServerRow::p95_ms, false},
};

}  // namespace

std::span<const ServerFigure> server_figures() { return kFigures; }

FigureName server_figure_name(const ServerRow& row, const ServerFigure& figure) {
  return {row.workload, row_of(row.concurrency), row.variant + "." + std::string(figure.column)};
}

std::string fill_figures(Composer& c, const ServerRow& row, std::string text) {
  for (const ServerFigure& figure : kFigures) {
    const std::string placeholder = fmt::format("{{{}}}", figure.column);
    if (text.find(placeholder) != text.npos)   // only what is printed is recorded
      text = replaced(std::move(text), placeholder, c.log.text(server_figure_name(row, figure), figure.unit, row.*(figure.figure)));
  }
  return text;
}

}  // namespace qc
