// Vega-Lite to SVG: Vega in an embedded JavaScript engine, no browser and no Node.
#include <memory>
#include <string_view>

#include <quickjs.h>

#include "core/embedded.h"
#include "report/report.h"

extern "C" const qc::EmbeddedFile qc_embedded_qc_report[];
extern "C" const qc::EmbeddedFile qc_embedded_qc_vega[];

namespace qc {
namespace {

/// Owns one JavaScript value of one context.
class Value {
 public:
  Value(JSContext* context, JSValue value) : context_(context), value_(value) {}
  Value(const Value&) = delete;
  Value& operator=(const Value&) = delete;
  ~Value() { JS_FreeValue(context_, value_); }
  [[nodiscard]] JSValue get() const { return value_; }
  [[nodiscard]] bool is_exception() const { return JS_IsException(value_); }
  [[nodiscard]] std::string text() const {
    std::size_t size = 0;
    const char* chars = JS_ToCStringLen(context_, &size, value_);
    std::string copy = chars ? std::string(chars, size) : "(no text)";
    JS_FreeCString(context_, chars);
    return copy;
  }

 private:
  JSContext* context_;
  JSValue value_;
};

struct FreeRuntime { void operator()(JSRuntime* r) const { JS_FreeRuntime(r); } };
struct FreeContext { void operator()(JSContext* c) const { JS_FreeContext(c); } };

Failed defect(const std::string& what) { return fail(Fault::defect, "cannot draw a picture: " + what); }

/// The engine with Vega loaded: 0.1 s to make, so a thread keeps its own. Not shared between threads.
class Renderer {
 public:
  Renderer() : runtime_(JS_NewRuntime()), context_(runtime_ ? JS_NewContext(runtime_.get()) : nullptr), loaded_(load()) {}

  Result<std::string> render(std::string_view spec, std::string_view theme) {
    if (!loaded_) return fail(loaded_.error());
    JSContext* c = context_.get();
    const Value global(c, JS_GetGlobalObject(c));
    const Value function(c, JS_GetPropertyStr(c, global.get(), "qcRender"));
    const Value first(c, JS_NewStringLen(c, spec.data(), spec.size()));
    const Value second(c, JS_NewStringLen(c, theme.data(), theme.size()));
    JSValueConst arguments[] = {first.get(), second.get()};
    const Value promise(c, JS_Call(c, function.get(), JS_UNDEFINED, 2, arguments));
    if (promise.is_exception()) return thrown();
    return settle(promise);
  }

 private:
  Status load() {
    if (!context_) return defect("the JavaScript engine found no memory");
    for (const char* name : {"stand_ins.js", "vega.min.js", "vega-lite.min.js", "theme.js", "render.js"})
      if (Status s = evaluate(name); !s) return s;
    return ok();
  }

  Status evaluate(const char* name) {
    auto source = find_embedded(qc_embedded_qc_vega, name);
    if (!source) source = find_embedded(qc_embedded_qc_report, name);
    if (!source) return defect(std::string(name) + " is not linked into this program");
    // JS_Eval wants a zero after the last byte; qc_embed puts one there.
    const Value result(context_.get(), JS_Eval(context_.get(), source->data(), source->size(), name, JS_EVAL_TYPE_GLOBAL));
    return result.is_exception() ? Status(thrown()) : ok();
  }

  Result<std::string> settle(const Value& promise) {
    JSContext* job = nullptr;
    int state = 1;
    while (state > 0) state = JS_ExecutePendingJob(runtime_.get(), &job);
    if (state < 0) return thrown();
    const Value outcome(context_.get(), JS_PromiseResult(context_.get(), promise.get()));
    switch (JS_PromiseState(context_.get(), promise.get())) {
      case JS_PROMISE_FULFILLED: return outcome.text();
      case JS_PROMISE_REJECTED: return defect(outcome.text());
      default: return defect("the drawing never finished");
    }
  }

  Failed thrown() { return defect(Value(context_.get(), JS_GetException(context_.get())).text()); }

  std::unique_ptr<JSRuntime, FreeRuntime> runtime_;
  std::unique_ptr<JSContext, FreeContext> context_;
  Status loaded_;
};

}  // namespace

Result<std::string> render_svg(const std::string& vega_lite_spec, Theme theme) {
  thread_local Renderer renderer;
  return renderer.render(vega_lite_spec, theme == Theme::light ? "light" : "dark");
}

}  // namespace qc
