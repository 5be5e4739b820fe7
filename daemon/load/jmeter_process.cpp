#include "daemon/load/jmeter_process.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"

namespace grayling {
namespace {

absl::Status SystemError(absl::string_view doing, int error) {
  return absl::InternalError(absl::StrCat("cannot ", doing, ": ", strerror(error)));
}

// All that the child needs, made before fork(): after it only async-signal-safe calls are allowed.
struct Launch {
  std::vector<char*> argv;
  const char* folder;
  int input;
  int output;
  int report;  // gets errno when the program does not start
  pid_t parent;
};

[[noreturn]] void RunChild(const Launch& launch) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != launch.parent) _exit(127);
  setpgid(0, 0);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_DFL);
  if (chdir(launch.folder) == 0 && dup2(launch.input, STDIN_FILENO) >= 0 &&
      dup2(launch.output, STDOUT_FILENO) >= 0 && dup2(launch.output, STDERR_FILENO) >= 0) {
    syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC);
    execv(launch.argv[0], launch.argv.data());
  }
  const int error = errno;
  [[maybe_unused]] const ssize_t written = write(launch.report, &error, sizeof(error));
  _exit(127);
}

// The error that the child reports; 0 when its program runs.
int ReadReport(int pipe) {
  int error = 0;
  ssize_t count = 0;
  do {
    count = read(pipe, &error, sizeof(error));
  } while (count < 0 && errno == EINTR);
  return count == sizeof(error) ? error : 0;
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { Close(); }
  int get() const { return fd_; }
  void Close() {
    if (fd_ >= 0) close(std::exchange(fd_, -1));
  }

 private:
  int fd_;
};

}  // namespace

absl::StatusOr<JmeterProcess> JmeterProcess::Start(const std::vector<std::string>& argv,
                                                   const std::string& folder,
                                                   const std::string& output) {
  if (argv.empty()) return absl::InvalidArgumentError("the command is empty; name a program");
  const Descriptor input(open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (input.get() < 0) return SystemError("open /dev/null", errno);
  const Descriptor out(open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640));
  if (out.get() < 0) return SystemError(absl::StrCat("write '", output, "'"), errno);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return SystemError("open a pipe", errno);
  const Descriptor reader(ends[0]);
  Descriptor writer(ends[1]);

  Launch launch{{}, folder.c_str(), input.get(), out.get(), writer.get(), getpid()};
  for (const std::string& argument : argv) {
    launch.argv.push_back(const_cast<char*>(argument.c_str()));
  }
  launch.argv.push_back(nullptr);
  const pid_t pid = fork();
  if (pid < 0) return SystemError(absl::StrCat("run '", argv[0], "'"), errno);
  if (pid == 0) RunChild(launch);
  setpgid(pid, pid);  // both sides do it: whoever is first
  writer.Close();
  if (const int error = ReadReport(reader.get()); error != 0) {
    waitpid(pid, nullptr, 0);
    if (error == ENOENT) {
      return absl::NotFoundError(absl::StrCat("this machine has no program '", argv[0], "'"));
    }
    return SystemError(absl::StrCat("run '", argv[0], "'"), error);
  }
  // glibc 2.36 declares its wrapper without C linkage.
  JmeterProcess process(pid, static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (process.watch_ < 0) return SystemError("watch a child process", errno);
  fcntl(process.watch_, F_SETFD, FD_CLOEXEC);
  return process;
}

JmeterProcess::JmeterProcess(JmeterProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      watch_(std::exchange(other.watch_, -1)),
      ended_(std::exchange(other.ended_, true)),
      exit_code_(other.exit_code_) {}

JmeterProcess::~JmeterProcess() {
  if (pid_ > 0 && !ended_) {
    Signal(SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  if (watch_ >= 0) close(watch_);
}

bool JmeterProcess::WaitForEnd(absl::Duration limit) {
  if (ended_) return true;
  pollfd wait = {watch_, POLLIN, 0};
  const timespec time = absl::ToTimespec(limit);
  if (ppoll(&wait, 1, &time, nullptr) <= 0) return false;
  // What it may have left behind dies with it, while the zombie still holds the group's number.
  kill(-pid_, SIGKILL);
  int status = 0;
  if (waitpid(pid_, &status, 0) != pid_) return false;
  ended_ = true;
  exit_code_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return true;
}

void JmeterProcess::Signal(int signal) {
  if (!ended_) kill(-pid_, signal);
}

}  // namespace grayling
