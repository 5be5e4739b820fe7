#include "ml/trainer/crossval_processes.h"

#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>
#include <utility>

#include "absl/strings/str_cat.h"

namespace grayling {
namespace {

// A message from a child: this header, then `size` bytes.
enum class MessageKind : int32_t { kProgress, kResult, kError };
struct MessageHeader {
  MessageKind kind;
  int32_t number;  // progress: thousandths done; error: the status code
  uint64_t size;
};

void WriteAll(int pipe, const char* bytes, size_t size) {
  while (size > 0) {
    const ssize_t written = write(pipe, bytes, size);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) _exit(1);  // nobody listens
    bytes += written;
    size -= static_cast<size_t>(written);
  }
}

void Send(int pipe, MessageKind kind, int number, const std::string& bytes) {
  const MessageHeader header{kind, number, bytes.size()};
  WriteAll(pipe, reinterpret_cast<const char*>(&header), sizeof(header));
  WriteAll(pipe, bytes.data(), bytes.size());
}

[[noreturn]] void RunChild(int task, int pipe, pid_t parent, const Task& work) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);
  const auto progress = [pipe](int done, int total, const std::string& text) {
    Send(pipe, MessageKind::kProgress, total > 0 ? 1000LL * done / total : 0, text);
  };
  absl::StatusOr<std::string> result;
  try {
    result = work(task, progress);
  } catch (const std::exception& error) {
    result = absl::InternalError(error.what());
  }
  if (result.ok()) {
    Send(pipe, MessageKind::kResult, 0, *result);
  } else {
    Send(pipe, MessageKind::kError, result.status().raw_code(),
         std::string(result.status().message()));
  }
  _exit(0);
}

// A child process and the reading end of its pipe. Ends the child when it goes away.
class Child {
 public:
  Child(int task, pid_t pid, int pipe) : task_(task), pid_(pid), pipe_(pipe) {}
  Child(Child&& other) noexcept
      : task_(other.task_),
        pid_(std::exchange(other.pid_, -1)),
        pipe_(std::exchange(other.pipe_, -1)),
        received_(std::move(other.received_)),
        result_(std::move(other.result_)),
        thousandths_(other.thousandths_),
        text_(std::move(other.text_)) {}
  Child& operator=(Child&& other) noexcept {
    std::swap(task_, other.task_);
    std::swap(pid_, other.pid_);
    std::swap(pipe_, other.pipe_);
    std::swap(received_, other.received_);
    std::swap(result_, other.result_);
    std::swap(thousandths_, other.thousandths_);
    std::swap(text_, other.text_);
    return *this;
  }
  ~Child() {
    if (pipe_ >= 0) close(pipe_);
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
  }

  int task() const { return task_; }
  int pipe() const { return pipe_; }
  int thousandths() const { return thousandths_; }
  const std::string& text() const { return text_; }

  // Takes what has arrived. False at the end of the pipe.
  bool Receive() {
    char buffer[65536];
    const ssize_t size = read(pipe_, buffer, sizeof(buffer));
    if (size < 0 && errno == EINTR) return true;
    if (size <= 0) return false;
    received_.append(buffer, static_cast<size_t>(size));
    while (TakeMessage()) {
    }
    return true;
  }

  // After the end of the pipe.
  absl::StatusOr<std::string> Finish() {
    int status = 0;
    waitpid(std::exchange(pid_, -1), &status, 0);
    if (result_.ok() || result_.status().code() != absl::StatusCode::kUnknown) return result_;
    return absl::InternalError(
        WIFSIGNALED(status)
            ? absl::StrCat("a worker process was killed by signal ", WTERMSIG(status),
                           "; when memory is short, use fewer with --processes")
            : "a worker process ended without a result");
  }

 private:
  bool TakeMessage() {
    MessageHeader header;
    if (received_.size() < sizeof(header)) return false;
    std::memcpy(&header, received_.data(), sizeof(header));
    if (received_.size() - sizeof(header) < header.size) return false;
    std::string bytes = received_.substr(sizeof(header), header.size);
    received_.erase(0, sizeof(header) + header.size);
    switch (header.kind) {
      case MessageKind::kProgress:
        thousandths_ = header.number;
        text_ = std::move(bytes);
        break;
      case MessageKind::kResult:
        result_ = std::move(bytes);
        break;
      case MessageKind::kError:
        result_ = absl::Status(static_cast<absl::StatusCode>(header.number), bytes);
        break;
    }
    return true;
  }

  int task_;
  pid_t pid_;
  int pipe_;
  std::string received_;
  absl::StatusOr<std::string> result_ = absl::UnknownError("");
  int thousandths_ = 0;
  std::string text_;
};

absl::StatusOr<Child> Start(int task, const Task& work) {
  int ends[2];
  if (pipe(ends) != 0) {
    return absl::ResourceExhaustedError(absl::StrCat("no pipe to a worker: ", strerror(errno)));
  }
  std::fflush(nullptr);  // else the child would print it once more
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) {
    close(ends[0]);
    close(ends[1]);
    return absl::ResourceExhaustedError(absl::StrCat("no worker process: ", strerror(errno)));
  }
  if (pid == 0) {
    close(ends[0]);
    RunChild(task, ends[1], parent, work);
  }
  close(ends[1]);
  return Child(task, pid, ends[0]);
}

}  // namespace

int UsableCores() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  if (sched_getaffinity(0, sizeof(cores), &cores) != 0) return 1;
  return std::max(1, CPU_COUNT(&cores));
}

absl::StatusOr<std::vector<std::string>> RunInProcesses(int tasks, int processes, const Task& work,
                                                        const TaskProgress& on_progress) {
  std::vector<std::string> results(static_cast<size_t>(tasks));
  std::vector<Child> running;
  int started = 0, finished = 0;
  while (finished < tasks) {
    while (started < tasks && static_cast<int>(running.size()) < std::max(1, processes)) {
      absl::StatusOr<Child> child = Start(started, work);
      if (!child.ok()) return child.status();
      running.push_back(*std::move(child));
      ++started;
    }
    std::vector<pollfd> waiting;
    for (const Child& child : running) waiting.push_back({child.pipe(), POLLIN, 0});
    if (poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR) {
      return absl::InternalError(absl::StrCat("waiting for workers: ", strerror(errno)));
    }
    for (size_t i = waiting.size(); i-- > 0;) {
      if (waiting[i].revents == 0) continue;
      if (running[i].Receive()) continue;
      absl::StatusOr<std::string> result = running[i].Finish();
      if (!result.ok()) return result.status();
      results[static_cast<size_t>(running[i].task())] = *std::move(result);
      running.erase(running.begin() + static_cast<std::ptrdiff_t>(i));
      ++finished;
    }
    if (on_progress) {
      int thousandths = 1000 * finished;
      for (const Child& child : running) thousandths += child.thousandths();
      const std::string text = running.empty() ? "all done" : running.front().text();
      on_progress(thousandths, 1000 * tasks, text);
    }
  }
  return results;
}

}  // namespace grayling
