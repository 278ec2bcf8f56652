#include "golden/report_render/sample_document.h"

#include "report/charts.h"

namespace qc {
namespace {

Picture change() {
  DeltaChart chart{"Change in output throughput against bf16 (%)", {}};
  chart.deltas = {{"chat, 1 concurrent", "q8_0", 54.1, 50.2, 58.0, true},   {"chat, 1 concurrent", "q4_0", 88.9, 80.1, 97.3, true},
                  {"chat, 16 concurrent", "q8_0", 3.1, -2.0, 8.2, false},   {"chat, 16 concurrent", "q4_0", -6.0, -9.5, -2.4, true},
                  {"batch, 16 concurrent", "q8_0", 8.4, {}, {}, false},     {"batch, 16 concurrent", "q4_0", -12.7, -16.0, -9.1, true}};
  return {"throughput_change", "Throughput of each candidate against bf16, with 95 % intervals",
          "Throughput of each candidate against bf16. Chat at concurrency 1: q8_0 +54.1 %, q4_0 +88.9 %.", delta_chart(chart)};
}

Picture throughput() {
  ConcurrencyChart chart{"Output throughput (tok/s)",
                         {{"bf16", {{1, 20.1, 19.5, 20.8}, {8, 61, 58, 64}, {16, 74, 70, 78}}},
                          {"q8_0", {{1, 31, 30, 32}, {8, 71, 66, 76}, {16, 76.3, 71, 80}}},
                          {"q4_0", {{1, 38, 36, 40}, {8, 66, {}, {}}, {16, 69.5, 66, 73}}}}, {}};
  return {"chat_throughput", "Chat: output throughput against concurrency", "Chat: output throughput against concurrency.", concurrency_chart(chart)};
}

Picture p95() {
  ConcurrencyChart chart{"p95 latency (ms)",
                         {{"bf16", {{1, 1240, 1190, 1300}, {8, 2110, 2000, 2500}, {16, 3480, 3300, 3900}}},
                          {"q8_0", {{1, 900, {}, {}}, {8, 1800, 1700, 1900}, {16, 3410, 3200, 3700}}}}, Limit{3000, "budget 3000 ms"}};
  return {"chat_p95", "Chat: p95 latency against concurrency", "Chat: p95 latency against concurrency.", concurrency_chart(chart)};
}

Picture memory() {
  return {"memory", "Weights and KV cache of each model", "Weights and KV cache of each model.",
          memory_chart({"Memory (MiB)", {{"bf16", {{"weights", 256.6}, {"KV cache", 180}}}, {"q8_0", {{"weights", 136.7}, {"KV cache", 180}}}}})};
}

Section summary() {
  return {"summary", "Verdict", {
      Paragraph{"On **2 cores of a server CPU**, `q8_0` serves chat faster than `bf16` when few requests run at once; at 16 they cannot be told apart."},
      Cards{{{"chat", "recommended: q8_0", "Faster at concurrency 1 (**+54.1 %** [50.2, 58.0]), the p95 budget of 3000 ms met."},
             {"batch", "take care: q4_0", "12.7 % slower at concurrency 16; weights 66 % smaller."},
             {"batch, long", "avoid", "No candidate is faster."},
             {"Money", "", "$0.52 per 1M output tokens instead of $0.80: 35.0 % less [31.2, 38.4]."}}},
      change()}};
}

Section workload() {
  return {"chat", "1. Chat workload", {
      Paragraph{"Concurrency 1, 8 and 16, 128 output tokens, four blocks."},
      Table{"Chat: throughput and latency", {"Config", "bf16 tok/s", "q8_0 tok/s", "Δ%", "bf16 p95 (ms)", "q8_0 p95 (ms)", "Δ%", "bf16 TTFT p50 (ms)", "q8_0 TTFT p50 (ms)"},
            {false, true, true, true, true, true, true, true, true},
            {{"conc=1", "20.1 [19.5, 20.8]", "31.0 [30.0, 32.0]", "+54.1 [50.2, 58.0]", "1240", "900", "−27.4", "44", "61"},
             {"conc=8", "61.0 [58.0, 64.0]", "71.0 [66.0, 76.0]", "+16.4 [11.0, 21.7]", "2110", "1800", "−14.7", "180", "242"},
             {"conc=16", "74.0 [70.0, 78.0]", "76.3 [71.0, 80.0]", "not distinguishable", "3480", "n/a (1)", "n/a (1)", "391"}}},
      Paragraph{"Notes: (1) one visit only."},
      Paragraph{"At concurrency 1 **q8_0** gives 54.1 % more tokens a second than bf16; at 16 the interval [−2.0, 8.2] includes no change.", true},
      throughput(), p95(), memory()}};
}

Section quality() {
  return {"quality", "2. Quality sanity check", {
      Heading{"Outputs side by side: `factual-01`"},
      SideBySide{"What is the capital of France?", {{"bf16", "The capital of France is Paris."}, {"q8_0", "Paris.\n\n  - indented | piped\n<b>not bold</b> & `ticks`\n```\nfence\n```"}}},
      SideBySide{"A title with <angle> & | pipe", {{"one", "ééé 漢字 🎉 " + std::string(300, 'x')}, {"two", "cut in a character: \xE2\x82 and a bell \a"}, {"three", ""}}}}};
}

Section hostile() {
  return {"summary", "3. Text that means something to a format", {    // an id that is taken
      Paragraph{"# not a heading, 5 < 6 & 7 > 6, a|b, [no](link), *no emphasis*, _nor here_, q4_0 stays, ~~kept~~, $x$ and $y$, &amp; as typed, \\ too."},
      Paragraph{"1. not a list; an unclosed **star."},
      Paragraph{"An unclosed `tick."},
      Paragraph{"[ ] not a box; **strong with `code | inside` it**; ** spaced **; `**`; <b>as typed</b>."},
      Paragraph{"- two\nlines, and " + std::string(200, 'W') + "."},
      Table{"Cells with | and `code`", {"a|b", "`x|y`", "n"}, {false, false, true},
            {{"pipe | pipe", "`a|b` \\| `c\\|d`", "1"}, {"two\nlines", "<script>alert(1)</script>"}, {"", "**bold | cell**", "n/a: not measured", "one too many"}}},
      List{{"plain", "with `--flag=a|b`", "- dash", "<li>"}, false},
      List{{"first", "second"}, true},
      Code{"./quantcase run studies/demo.toml --out out/demo   # a long line that has to scroll in its own container and not the page it stands on\n```\nfence </code></pre>"},
      Picture{"missing", "A picture that could not be drawn & its \"title\"", "Shown instead: a <description> of it.", "{}"}}};
}

}  // namespace

Document sample_document() {
  Document d;
  d.title = "Quantization vs BF16 on <2 cores> & more";
  d.subtitle = "Should we quantize SmolLM2-135M-Instruct? Speed, memory, quality and cost, measured.";
  d.sections = {summary(), workload(), quality(), hostile()};
  d.footer = "Generated 2026-11-23T17:48:26Z on 2 cores; `llama-server` b1234 | quantcase 0.1.0";
  return d;
}

}  // namespace qc
