#include "measure/telemetry/periodic.h"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace qc {

struct Periodic::Impl {
  Seconds first;
  std::function<Seconds()> work;
  std::mutex mutex;
  std::condition_variable changed;
  bool ending = false, active = false;
  int pauses = 0;
  std::thread thread;

  void run() {
    std::unique_lock lock(mutex);
    for (Seconds pause = first;;) {
      changed.wait(lock, [this] { return ending || active; });
      const int seen = pauses;   // a pause that is over before this thread wakes is one all the same
      const bool disturbed = changed.wait_for(lock, pause, [&] { return ending || pauses != seen; });
      if (ending) return;
      if (!disturbed) {
        lock.unlock();
        pause = work();
        lock.lock();
      }
      if (pauses != seen) pause = first;
    }
  }

  template <class Change>
  void change(Change change) {
    {
      const std::lock_guard lock(mutex);
      change();
    }
    changed.notify_all();
  }
};

Periodic::Periodic(Seconds first, std::function<Seconds()> work) : impl_(std::make_unique<Impl>()) {
  impl_->first = first, impl_->work = std::move(work);
  impl_->thread = std::thread([impl = impl_.get()] { impl->run(); });
}

Periodic::~Periodic() {
  impl_->change([this] { impl_->ending = true; });
  impl_->thread.join();
}

void Periodic::resume() { impl_->change([this] { impl_->active = true; }); }
void Periodic::pause() { impl_->change([this] { impl_->active = false, ++impl_->pauses; }); }

}  // namespace qc
