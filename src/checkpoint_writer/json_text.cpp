#include "checkpoint_writer/json_text.h"

namespace qc {

Result<std::string> json_text(const Json& value) {
  try {
    return value.dump(1) + "\n";
  } catch (const Json::type_error&) {
    return fail(Fault::damaged, "a word or the chat template is no UTF-8 text");
  }
}

}  // namespace qc
