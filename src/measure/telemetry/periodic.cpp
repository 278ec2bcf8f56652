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
  std::thread thread;

  void run() {
    std::unique_lock lock(mutex);
    for (Seconds pause = first;;) {
      changed.wait(lock, [this] { return ending || active; });
      const bool disturbed = changed.wait_for(lock, pause, [this] { return ending || !active; });
      if (ending) return;
      if (disturbed) {
        pause = first;
        continue;
      }
      lock.unlock();
      pause = work();
      lock.lock();
    }
  }

  void set(bool& flag, bool value) {
    {
      const std::lock_guard lock(mutex);
      flag = value;
    }
    changed.notify_all();
  }
};

Periodic::Periodic(Seconds first, std::function<Seconds()> work) : impl_(std::make_unique<Impl>()) {
  impl_->first = first, impl_->work = std::move(work);
  impl_->thread = std::thread([impl = impl_.get()] { impl->run(); });
}

Periodic::~Periodic() {
  impl_->set(impl_->ending, true);
  impl_->thread.join();
}

void Periodic::resume() { impl_->set(impl_->active, true); }
void Periodic::pause() { impl_->set(impl_->active, false); }

}  // namespace qc
