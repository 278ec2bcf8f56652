#include "run/describe_servers.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/text.h"
#include "core/time.h"
#include "measure/engines/engine.h"
#include "run/runner.h"

namespace qc {
namespace {

int next_log_number(const std::filesystem::path& logs, const std::string& variant) {
  int n = 1;
  while (std::filesystem::exists(logs / fmt::format("{}.{}.log", slug(variant), n))) ++n;
  return n;
}

}  // namespace

Result<std::vector<VariantFacts>> describe_servers(const Study& study, const std::filesystem::path& logs, double start_s, const StopFlag& stop, const Watcher& watcher) {
  std::vector<VariantFacts> described;
  const Instant begun = monotonic_clock().now();
  for (const Variant& variant : study.variants) {
    const double done = static_cast<double>(described.size()), all = static_cast<double>(study.variants.size());
    const double before = seconds(monotonic_clock().now() - begun), each = std::max(0.01, described.empty() ? start_s : before / done);
    const auto show = [&] {
      const double now = std::min(seconds(monotonic_clock().now() - begun) - before, each);   // of this server's own time
      if (watcher.progress) watcher.progress((done + 0.95 * now / each) / all, Seconds(each * (all - done) - now), "asking " + variant.name);
    };
    show();
    LaunchContext context;
    context.capability = card_capability();
    context.study = &study, context.log_dir = logs, context.stop = &stop;
    context.say = [&](const std::string& line) { watcher.say(line), show(); };
    context.start_number = next_log_number(logs, variant.name);
    auto engine = launch(variant, context);
    if (!engine) return fail(engine.error());
    described.push_back((*engine)->facts());
    (*engine)->stop();
    watcher.say(fmt::format("{}: {} {} is described ({} of {})", variant.name, described.back().server, described.back().server_version, described.size(), study.variants.size()));
  }
  return described;
}

}  // namespace qc
