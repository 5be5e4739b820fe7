#include "daemon/metrics/ssh_forward.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace grayling {
namespace {

constexpr absl::Duration kShortestPause = absl::Seconds(1);
constexpr absl::Duration kLongestPause = absl::Minutes(1);
// Having lived so long, it is started again as if for the first time.
constexpr absl::Duration kHealthyLife = absl::Minutes(1);

std::string PrivateFolder() {
  std::error_code failed;
  std::string path =
      (std::filesystem::temp_directory_path(failed) / "grayling-ssh-XXXXXX").string();
  return failed || mkdtemp(path.data()) == nullptr ? "" : path;
}

std::string HowItEnded(int status) {
  if (WIFSIGNALED(status)) return absl::StrCat("was ended by signal ", WTERMSIG(status));
  return absl::StrCat("ended with status ", WEXITSTATUS(status));
}

// The daemon's blocked and ignored signals are not the child's.
int Spawn(const std::vector<std::string>& argv, pid_t& pid) {
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  sigset_t usual;
  sigemptyset(&usual);
  sigaddset(&usual, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &usual);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::vector<char*> arguments;
  for (const std::string& argument : argv) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  const int error =
      posix_spawnp(&pid, arguments[0], &files, &attributes, arguments.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  return error;
}

}  // namespace

SshForward::SshForward(std::string program, std::string host, std::string place)
    : program_(std::move(program)),
      host_(std::move(host)),
      place_(std::move(place)),
      folder_(PrivateFolder()),
      socket_(folder_.empty() ? "" : absl::StrCat(folder_, "/socket")),
      pause_(kShortestPause) {}

SshForward::~SshForward() {
  if (process_ > 0) {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
  }
  if (folder_.empty()) return;
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void SshForward::Tend(absl::Time now) {
  int status = 0;
  if (process_ > 0 && waitpid(process_, &status, WNOHANG) == process_) {
    process_ = 0;
    Ended(now, HowItEnded(status));
  }
  if (process_ == 0 && now >= next_start_) Start(now);
}

void SshForward::Start(absl::Time now) {
  if (folder_.empty()) return Ended(now, "has no folder for its socket; check TMPDIR");
  std::error_code ignored;
  std::filesystem::remove(socket_, ignored);
  // setpriv has the kernel end ssh when this thread ends, however it ends.
  const std::vector<std::string> argv = {"setpriv",
                                         "--pdeathsig",
                                         "TERM",
                                         "--",
                                         program_,
                                         "-N",
                                         "-T",
                                         "-o",
                                         "BatchMode=yes",
                                         "-o",
                                         "ExitOnForwardFailure=yes",
                                         "-o",
                                         "ServerAliveInterval=5",
                                         "-o",
                                         "ServerAliveCountMax=3",
                                         "-o",
                                         "StreamLocalBindUnlink=yes",
                                         "-L",
                                         absl::StrCat(socket_, ":", place_),
                                         "--",
                                         host_};
  started_ = now;
  const int error = Spawn(argv, process_);
  if (error != 0) {
    process_ = 0;
    return Ended(now, absl::StrCat("cannot be started: ", strerror(error)));
  }
  failure_.clear();
}

void SshForward::Ended(absl::Time now, const std::string& how) {
  if (now - started_ >= kHealthyLife) pause_ = kShortestPause;
  failure_ = absl::StrCat("the ssh to ", host_, " ", how, "; it is started again within ",
                          absl::FormatDuration(pause_));
  next_start_ = now + pause_;
  pause_ = std::min(pause_ * 2, kLongestPause);
}

}  // namespace grayling
