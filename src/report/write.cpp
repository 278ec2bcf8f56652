// The report's folder: everything that is made from the store, under the names of docs/interface.md.
#include <filesystem>

#include "core/files.h"
#include "report/file_names.h"
#include "report/report.h"

namespace qc {
namespace {

/// Writes files into one folder until the first one fails.
class Folder {
 public:
  explicit Folder(std::filesystem::path dir) : dir_(std::move(dir)) {}
  void put(const std::string& name, std::string_view bytes) {
    if (!status_) return;
    const std::filesystem::path path = dir_ / name;
    status_ = write_file(path, bytes);
    paths_.push_back(path.string());
  }
  void fail_with(Error error) { if (status_) status_ = fail(std::move(error)); }
  [[nodiscard]] const Status& status() const { return status_; }
  std::vector<std::string> take() { return std::move(paths_); }

 private:
  std::filesystem::path dir_;
  Status status_ = ok();
  std::vector<std::string> paths_;
};

void put_data(Folder& folder, const StudyData& data, const Findings& findings) {
  for (const WorkloadComparison& w : findings.workloads)
    for (const Variant& v : data.study.variants) folder.put(capacity_file(data, w.workload.name, v.name), capacity_csv(data, w.workload.name, v.name));
  folder.put(quality_file(data), quality_json(data, findings));
  folder.put("summary.json", summary_json(data, findings));
  folder.put("manifest.json", manifest_json(data));
  folder.put("study.toml", data.study.text);
}

std::map<std::string, RenderedPicture> put_pictures(Folder& folder, const Document& document) {
  std::map<std::string, RenderedPicture> rendered;
  for (const Section& section : document.sections)
    for (const Block& block : section.blocks) {
      const auto* picture = std::get_if<Picture>(&block);
      if (!picture) continue;
      auto light = render_svg(picture->spec, Theme::light);
      auto dark = render_svg(picture->spec, Theme::dark);
      if (!light || !dark) {
        folder.fail_with((light ? dark : light).error());
        return rendered;
      }
      folder.put("figures/" + picture->id + ".svg", *light);
      rendered[picture->id] = {std::move(*light), std::move(*dark)};
    }
  return rendered;
}

}  // namespace

Result<Written> write_report(const std::string& dir, const StudyData& data, const Findings& findings, bool markdown, bool html) {
  Folder folder(dir);
  Document document = compose(data, findings);
  put_data(folder, data, findings);
  const auto svgs = put_pictures(folder, document);
  if (!folder.status()) return fail(folder.status().error());
  if (markdown) folder.put("report.md", to_markdown(document));
  if (html) folder.put("report.html", to_html(document, svgs));
  if (!folder.status()) return fail(folder.status().error());
  return Written{std::move(document.figures), folder.take()};
}

}  // namespace qc
