#include "daemon/guest/local_executor.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"

namespace grayling {
namespace {

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd = -1) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~FileDescriptor() { Close(); }

  int get() const { return fd_; }
  void Close() {
    if (fd_ >= 0) close(std::exchange(fd_, -1));
  }

 private:
  int fd_;
};

struct Pipe {
  FileDescriptor reader;
  FileDescriptor writer;
};

absl::Status SystemError(absl::string_view doing, int error) {
  return absl::InternalError(absl::StrCat("cannot ", doing, ": ", strerror(error)));
}

absl::StatusOr<Pipe> OpenPipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return SystemError("open a pipe", errno);
  Pipe pipe{FileDescriptor(ends[0]), FileDescriptor(ends[1])};
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  return pipe;
}

class FileActions {
 public:
  FileActions() { posix_spawn_file_actions_init(&actions_); }
  FileActions(const FileActions&) = delete;
  ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }
  posix_spawn_file_actions_t* get() { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_;
};

// A daemon blocks signals and ignores SIGPIPE for its own reasons; its children must not inherit
// it.
class PlainSignals {
 public:
  PlainSignals() {
    posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes_, &none);
    sigset_t reset;
    sigemptyset(&reset);
    sigaddset(&reset, SIGPIPE);
    posix_spawnattr_setsigdefault(&attributes_, &reset);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  PlainSignals(const PlainSignals&) = delete;
  ~PlainSignals() { posix_spawnattr_destroy(&attributes_); }
  const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_;
};

absl::StatusOr<pid_t> Spawn(const std::vector<std::string>& argv, const Pipe& out,
                            const Pipe& err) {
  FileActions actions;
  posix_spawn_file_actions_addopen(actions.get(), STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(actions.get(), out.writer.get(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(actions.get(), err.writer.get(), STDERR_FILENO);
  std::vector<char*> arguments;
  for (const std::string& argument : argv) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  const PlainSignals signals;
  pid_t pid = 0;
  const int error =
      posix_spawnp(&pid, argv[0].c_str(), actions.get(), signals.get(), arguments.data(), environ);
  if (error == 0) return pid;
  if (error == ENOENT) {
    return absl::NotFoundError(absl::StrCat("this machine has no program '", argv[0], "'"));
  }
  return SystemError(absl::StrCat("run '", argv[0], "'"), error);
}

// Appends what is there now. False at the end of the stream.
bool Drain(const FileDescriptor& reader, std::string& text) {
  std::array<char, 65536> buffer;
  while (true) {
    const ssize_t count = read(reader.get(), buffer.data(), buffer.size());
    if (count > 0) {
      text.append(buffer.data(), static_cast<size_t>(count));
    } else if (count == 0) {
      return false;
    } else if (errno != EINTR) {
      return errno == EAGAIN;
    }
  }
}

// Collects output until the process ends. False when it still runs at `deadline`.
bool Collect(const FileDescriptor& process, Pipe& out, Pipe& err, absl::Time deadline,
             ExecResult& result) {
  while (true) {
    // poll() skips entries whose descriptor is -1: a stream that has ended.
    std::array<pollfd, 3> waits = {pollfd{process.get(), POLLIN, 0},
                                   pollfd{out.reader.get(), POLLIN, 0},
                                   pollfd{err.reader.get(), POLLIN, 0}};
    const absl::Duration left = deadline - absl::Now();
    if (left <= absl::ZeroDuration()) return false;
    const timespec limit = absl::ToTimespec(std::min(left, absl::Hours(1)));
    if (ppoll(waits.data(), waits.size(), &limit, nullptr) < 0 && errno != EINTR) return false;
    if (out.reader.get() >= 0 && !Drain(out.reader, result.out)) out.reader.Close();
    if (err.reader.get() >= 0 && !Drain(err.reader, result.err)) err.reader.Close();
    if (waits[0].revents == 0) continue;
    if (out.reader.get() >= 0) Drain(out.reader, result.out);
    if (err.reader.get() >= 0) Drain(err.reader, result.err);
    return true;
  }
}

}  // namespace

absl::StatusOr<ExecResult> LocalExecutor::Run(const std::vector<std::string>& argv,
                                              absl::Duration timeout) {
  if (argv.empty()) return absl::InvalidArgumentError("the command is empty; name a program");
  const absl::Time deadline = absl::Now() + timeout;
  GRAYLING_ASSIGN_OR_RETURN(Pipe out, OpenPipe());
  GRAYLING_ASSIGN_OR_RETURN(Pipe err, OpenPipe());
  GRAYLING_ASSIGN_OR_RETURN(const pid_t pid, Spawn(argv, out, err));
  out.writer.Close();
  err.writer.Close();
  // glibc 2.36 declares its wrapper without C linkage.
  const FileDescriptor process(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  ExecResult result;
  if (process.get() < 0 || !Collect(process, out, err, deadline, result)) {
    abandoned_.Adopt(pid);
    if (process.get() < 0) return SystemError("watch a child process", errno);
    return absl::DeadlineExceededError(
        absl::StrCat("'", argv[0], "' still ran after ", absl::FormatDuration(timeout)));
  }
  int status = 0;
  waitpid(pid, &status, 0);
  result.exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return result;
}

}  // namespace grayling
