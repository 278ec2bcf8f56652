// A count of output tokens that is not the server's word on itself: the answers' texts, cut again by one tokenizer.
#include "record/second_count.h"
#include "run/runner.h"

namespace qc {

void Runner::count_again(Visit& visit) {
  const std::string& base = plan_.study.baseline().name;
  const std::string& who = usable(base) ? base : visit.trial.variant;
  Engine& engine = *servers_.at(who).engine;
  int left = no_tokenizer_.contains(who) ? 0 : kCountedAgain;
  for (RequestRecord& r : visit.requests) {
    if (left > 0 && !r.warmup && r.ok()) {
      r.second_count = engine.count_tokens(r.text);
      --left;
      if (!r.second_count) left = 0, no_tokenizer_.insert(who);
    }
    r.text.clear();
  }
}

}  // namespace qc
