#include "probe/fault/child_program.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ctime>

#include "probe/kernel/unique_fd.h"

namespace grayling::probe {
namespace {

constexpr std::size_t kMostOutput = 1U << 20U;

struct Pipe {
  UniqueFd read_end;
  UniqueFd write_end;
};

Result<Pipe> OpenPipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return SystemError("cannot open a pipe");
  Pipe pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  return pipe;
}

std::int64_t NowMs() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

[[noreturn]] void BecomeProgram(pid_t parent, char* const* arguments, const Pipe& out,
                                const Pipe& err, const Pipe& failure) {
  setpgid(0, 0);
  // A keeper that is killed must not leave a program behind that applies a fault later.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const int number : {SIGPIPE, SIGHUP, SIGTERM, SIGINT, SIGCHLD}) signal(number, SIG_DFL);
  const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  dup2(null, STDIN_FILENO);
  dup2(out.write_end.get(), STDOUT_FILENO);
  dup2(err.write_end.get(), STDERR_FILENO);
  execvp(arguments[0], arguments);
  const int code = errno;
  static_cast<void>(!write(failure.write_end.get(), &code, sizeof code));
  _exit(127);
}

// Appends what is there now. False at the stream's end.
bool Drain(const UniqueFd& stream, std::string& text) {
  char chunk[8192];
  while (true) {
    const ssize_t count = read(stream.get(), chunk, sizeof chunk);
    if (count > 0) {
      const std::size_t room = kMostOutput - text.size();
      text.append(chunk, std::min(room, static_cast<std::size_t>(count)));
    } else if (count == 0) {
      return false;
    } else if (errno != EINTR) {
      return errno == EAGAIN;
    }
  }
}

// True when the process has ended, false when it still runs after `timeout_ms`.
bool Collect(const UniqueFd& process, Pipe& out, Pipe& err, int timeout_ms, ProgramRun& run) {
  const std::int64_t deadline = NowMs() + timeout_ms;
  while (true) {
    pollfd waiting[] = {{process.get(), POLLIN, 0},
                        {out.read_end.get(), POLLIN, 0},
                        {err.read_end.get(), POLLIN, 0}};  // -1 is skipped by poll
    const std::int64_t left = deadline - NowMs();
    if (left <= 0) return false;
    if (poll(waiting, 3, static_cast<int>(left)) < 0 && errno != EINTR) return false;
    if (out.read_end.valid() && !Drain(out.read_end, run.out)) out.read_end.Reset();
    if (err.read_end.valid() && !Drain(err.read_end, run.err)) err.read_end.Reset();
    if (waiting[0].revents == 0) continue;
    if (out.read_end.valid()) Drain(out.read_end, run.out);
    if (err.read_end.valid()) Drain(err.read_end, run.err);
    return true;
  }
}

}  // namespace

Result<ProgramRun> RunProgram(const std::vector<std::string>& argv, int timeout_ms) {
  if (argv.empty()) return Error{"an empty command cannot be run", EINVAL};
  std::vector<char*> arguments;
  for (const std::string& argument : argv) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  Result<Pipe> out = OpenPipe();
  Result<Pipe> err = OpenPipe();
  Result<Pipe> failure = OpenPipe();
  for (const Result<Pipe>* pipe : {&out, &err, &failure}) {
    if (!pipe->ok()) return pipe->error();
  }
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child < 0) return SystemError("cannot start " + argv[0]);
  if (child == 0) BecomeProgram(parent, arguments.data(), *out, *err, *failure);
  setpgid(child, child);  // whoever comes first
  out->write_end.Reset();
  err->write_end.Reset();
  failure->write_end.Reset();
  const UniqueFd process(static_cast<int>(syscall(SYS_pidfd_open, child, 0)));
  ProgramRun run;
  const bool ended = process.valid() && Collect(process, *out, *err, timeout_ms, run);
  if (!ended) kill(-child, SIGKILL);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!ended) {
    return Error{argv[0] + " still ran after " + std::to_string(timeout_ms / 1000) + " s",
                 ETIMEDOUT};
  }
  int code = 0;
  if (read(failure->read_end.get(), &code, sizeof code) == sizeof code) {
    return Error{"cannot run " + argv[0] + ": " + std::strerror(code), code};
  }
  run.exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return run;
}

}  // namespace grayling::probe
