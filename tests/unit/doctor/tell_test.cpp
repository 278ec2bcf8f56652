#include "doctor/tell.h"

#include <gmock/gmock.h>

#include "core/json.h"
#include "core/text.h"
#include "unit/doctor/healthy.h"

namespace qc {
namespace {
using testing::HasSubstr;
using testing::StartsWith;

TEST(DoctorText, IsALineAFindingAndItsRemedyBelow) {
  Diagnosis d = test::healthy();
  d.machine.on_battery = true;
  const auto findings = findings_of(d);
  const auto lines = split(doctor_text(d, findings), '\n');
  std::size_t at = 0;
  for (const Finding& each : findings) {
    EXPECT_THAT(lines[at], StartsWith(std::string(to_string(each.severity)))) << at;
    EXPECT_EQ(lines[at].find(each.id), 9u);
    EXPECT_EQ(lines[at].find(each.found), lines[0].find(findings[0].found)) << each.id;
    ++at;
    if (each.remedy.empty()) continue;
    EXPECT_EQ(lines[at].find("to do: " + each.remedy), lines[0].find(findings[0].found)) << each.id;
    ++at;
  }
  EXPECT_EQ(lines[at], "");
  EXPECT_THAT(lines[at + 1], StartsWith("Our own error, in us"));
  EXPECT_EQ(lines[at + 4], "      1  lock-step       5      20      90        6      30       80      60   100.00     4.5     20000");
  EXPECT_EQ(lines[at + 10], "     64  at once         5      20      90        6      30       80      60   100.00     4.5    180000");
}

TEST(DoctorJson, KeepsEveryFigureAndUnknownIsNull) {
  Diagnosis d = test::healthy();
  d.error.stages[1].kernel_stamps = 72, d.error.stages[1].user_stamps = 24;
  d.error.stages[2].send_lateness_p99_us.reset();
  d.machine.on_battery.reset();
  d.machine.stamps.send = false;
  d.machine.gpus[0].processes = {{4643, "python3", 17274241024}};
  const Json j = Json::parse(doctor_json(d, findings_of(d)));
  EXPECT_EQ(j["valid"], true);
  EXPECT_EQ(j["findings"].size(), findings_of(d).size());
  EXPECT_EQ(j["findings"][9]["id"], "kernel.stamps");
  EXPECT_EQ(j["findings"][9]["severity"], "note");
  EXPECT_EQ(j["own_error"]["limits_us"], (Json{{"event_p99", 50.0}, {"first_token_p99", 100.0}}));
  EXPECT_EQ(j["own_error"]["highest_tok_s"], 180'000.0);
  const Json& stages = j["own_error"]["stages"];
  ASSERT_EQ(stages.size(), 7u);
  EXPECT_EQ(stages[1]["rhythm"], "jittered");
  EXPECT_EQ(stages[1]["kernel_stamp_share"], 0.75);
  EXPECT_EQ(stages[6]["aim"], "rate");
  EXPECT_EQ(stages[4]["event_error_us"], (Json{{"n", 256 * 3 * 32}, {"p50", 5.0}, {"p99", 20.0}, {"max", 90.0}}));
  EXPECT_EQ(stages[4]["gap_ms"], 10.0);
  EXPECT_TRUE(stages[2]["send_lateness_p99_us"].is_null());
  EXPECT_TRUE(j["machine"]["on_battery"].is_null());
  EXPECT_EQ(j["machine"]["files"], (Json{{"soft", 1024}, {"hard", 1 << 20}, {"streams", (1 << 20) - 64}}));
  EXPECT_EQ(j["machine"]["engines"]["vllm"], "vllm");
  EXPECT_EQ(j["machine"]["gpus"][0]["power_w"], 71.0);
  EXPECT_EQ(j["machine"]["gpus"][0]["processes"].dump(), R"([{"pid":4643,"name":"python3","used_bytes":17274241024}])");
}

TEST(Records, StandBesideWhatTheServerSent) {
  RequestRecord r, warm;
  r.x_request_id = "a", r.intended = {1}, r.sent = {2}, r.events = {{{10}, 1, Stamp::kernel}, {{20}, 1, Stamp::user}};
  warm.warmup = true;
  EXPECT_EQ(records_beside_truth(3, {warm, r}, {{"b", {}}, {"a", {{{9}, {11}}, {{18}, {19}}}}}),
            "{\"stage\":3,\"x_request_id\":\"a\",\"ok\":true,\"intended_ns\":1,\"sent_ns\":2,\"event_ns\":[10,20],\"stamp\":[\"kernel\",\"user\"],\"true_ns\":[9,18],\"true_after_ns\":[11,19]}\n");
}

}  // namespace
}  // namespace qc
