#include "tests/contract/victoria_metrics_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <httplib.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace grayling {
namespace {

constexpr char kProgram[] = "/usr/bin/victoria-metrics";

// A port that was free a moment ago: VictoriaMetrics does not say which one it got for port 0.
int FreePort() {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  bind(descriptor, reinterpret_cast<sockaddr*>(&address), size);
  getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size);
  close(descriptor);
  return ntohs(address.sin_port);
}

}  // namespace

bool VictoriaMetricsServer::Installed() { return access(kProgram, X_OK) == 0; }

std::string VictoriaMetricsServer::url() const { return absl::StrCat("http://127.0.0.1:", port_); }

bool VictoriaMetricsServer::Start(const std::vector<std::string>& flags) {
  if (port_ == 0) port_ = FreePort();
  std::vector<std::string> words = {kProgram,
                                    absl::StrCat("-storageDataPath=", folder_.File("data")),
                                    absl::StrCat("-httpListenAddr=127.0.0.1:", port_),
                                    "-retentionPeriod=100y",
                                    "-search.latencyOffset=0s",
                                    "-memory.allowedPercent=10",
                                    "-loggerLevel=ERROR"};
  words.insert(words.end(), flags.begin(), flags.end());
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const std::string log = folder_.File("log");
  process_ = fork();
  if (process_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int descriptor = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    dup2(descriptor, STDOUT_FILENO);
    dup2(descriptor, STDERR_FILENO);
    execv(kProgram, arguments.data());
    _exit(127);
  }
  httplib::Client client("127.0.0.1", port_);
  for (const absl::Time end = absl::Now() + absl::Seconds(20); absl::Now() < end;) {
    if (const auto answer = client.Get("/health"); answer && answer->status == 200) return true;
    absl::SleepFor(absl::Milliseconds(50));
  }
  return false;
}

void VictoriaMetricsServer::Kill() {
  if (process_ <= 0) return;
  kill(process_, SIGKILL);
  waitpid(process_, nullptr, 0);
  process_ = -1;
}

}  // namespace grayling
