// `quantcase export`: a stored study as other tools' result files.
#include <filesystem>

#include <fmt/format.h>

#include "cli/exit_code.h"
#include "cli/progress.h"
#include "cli/reporting.h"
#include "cli/verbs.h"
#include "core/files.h"
#include "core/json.h"
#include "exchange/write/write.h"

namespace qc {

int verb_export(const ExportFlags& flags, const CommonFlags& common) {
  namespace fs = std::filesystem;
  auto store = Store::open(fs::path(flags.dir) / "study.sqlite");
  if (!store) return complain(store.error());
  const auto data = load_stored(*store);
  if (!data) return complain(data.error());
  const auto made = export_study(flags.as, *data, flags.no_details ? Details::leave_out : Details::keep);
  if (!made) return complain(made.error());
  const fs::path to = flags.to.empty() ? fs::path(flags.dir) / "export" / flags.as : fs::path(flags.to);
  Json paths = Json::array();
  for (const ExportedFile& file : made->files) {
    if (auto s = write_file(to / file.path, file.text); !s) return complain(s.error());
    paths.push_back((to / file.path).string());
  }
  if (common.json) return print_json(json_line(Json{{"files", paths}, {"notes", made->notes}}), common);
  if (common.quiet) return kDone;
  std::string text = fmt::format("{} file{} in {}\n", made->files.size(), made->files.size() == 1 ? "" : "s", to.string());
  for (const std::string& note : made->notes) text += "note: " + note + "\n";
  put_text(stdout, text);
  return kDone;
}

}  // namespace qc
