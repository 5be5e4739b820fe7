#include "daemon/rpc/operations.h"

#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/proto_time.h"

namespace grayling {

Operations::~Operations() {
  StopAll();
  std::list<std::shared_ptr<Entry>> entries;
  {
    absl::MutexLock lock(&mutex_);
    entries = entries_;
  }
  for (const std::shared_ptr<Entry>& entry : entries) {
    if (entry->thread.joinable()) entry->thread.join();
  }
}

void Operations::StopAll() {
  absl::MutexLock lock(&mutex_);
  if (std::exchange(stopping_, true)) return;
  for (const std::shared_ptr<Entry>& entry : entries_) entry->stop.Notify();
}

absl::StatusOr<v1::Operation> Operations::Start(const std::string& target, Work work) {
  absl::MutexLock lock(&mutex_);
  if (stopping_) return absl::UnavailableError("the daemon is going down; try again later");
  size_t running = 0;
  for (const std::shared_ptr<Entry>& entry : entries_) {
    if (entry->state.done()) {
      // Its thread has at most its return ahead, and takes no lock any more.
      if (entry->thread.joinable()) entry->thread.join();
      continue;
    }
    ++running;
    if (entry->state.target() == target) {
      return absl::AbortedError(absl::StrCat(target, " is busy with ", entry->state.name(), " (",
                                             entry->state.step(), "); wait for it first"));
    }
  }
  if (running >= kMaxRunning) {
    return absl::ResourceExhaustedError(
        absl::StrCat(running, " operations run already; wait for one of them"));
  }
  auto entry = std::make_shared<Entry>();
  entry->state.set_name(absl::StrCat("operations/", next_++));
  entry->state.set_target(target);
  entry->state.set_step("starting");
  ToProto(clock_.Now(), entry->state.mutable_create_time());
  entries_.push_back(entry);
  // It waits for the lock held here before it touches its entry.
  entry->thread =
      std::thread([this, raw = entry.get(), work = std::move(work)] { Run(raw, work); });
  Forget();
  return entry->state;
}

void Operations::Run(Entry* entry, const Work& work) {
  const absl::Status status = work(entry->stop, [this, entry](std::string text) {
    absl::MutexLock lock(&mutex_);
    entry->state.set_step(std::move(text));
  });
  absl::MutexLock lock(&mutex_);
  entry->state.set_error_code(static_cast<int>(status.code()));
  entry->state.set_error_message(std::string(status.message()));
  ToProto(clock_.Now(), entry->state.mutable_end_time());
  entry->state.set_step(status.ok() ? "done" : "failed");
  entry->state.set_done(true);
}

void Operations::Forget() {
  for (auto it = entries_.begin(); it != entries_.end() && entries_.size() > kMaxKept;) {
    it = (*it)->thread.joinable() ? std::next(it) : entries_.erase(it);
  }
}

std::shared_ptr<Operations::Entry> Operations::Find(const std::string& name) {
  for (const std::shared_ptr<Entry>& entry : entries_) {
    if (entry->state.name() == name) return entry;
  }
  return nullptr;
}

absl::StatusOr<v1::Operation> Operations::Get(const std::string& name) {
  return Wait(name, absl::ZeroDuration());
}

std::vector<v1::Operation> Operations::List() {
  absl::MutexLock lock(&mutex_);
  std::vector<v1::Operation> operations;
  for (const std::shared_ptr<Entry>& entry : entries_) operations.push_back(entry->state);
  return operations;
}

absl::StatusOr<v1::Operation> Operations::Wait(const std::string& name, absl::Duration timeout) {
  absl::MutexLock lock(&mutex_);
  const std::shared_ptr<Entry> entry = Find(name);
  if (entry == nullptr) {
    return absl::NotFoundError(
        absl::StrCat("no operation '", name, "'; the daemon forgets them when it restarts"));
  }
  const auto is_done = [&entry] { return entry->state.done(); };
  mutex_.AwaitWithTimeout(absl::Condition(&is_done), timeout);
  return entry->state;
}

}  // namespace grayling
