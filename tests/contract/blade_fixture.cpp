#include "tests/contract/blade_fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "daemon/fault/catalogue.h"

namespace grayling {
namespace {

constexpr char kContainer[] = "c0ffee";

std::vector<int> ProcessesIn(const std::string& cgroup) {
  std::ifstream file(cgroup + "/cgroup.procs");
  std::vector<int> pids;
  for (int pid = 0; file >> pid;) pids.push_back(pid);
  return pids;
}

// The real blade's sleepers, which wait for its --timeout, outlive their experiment as well.
void KillTimers(const std::string& cgroup) {
  for (const int pid : ProcessesIn(cgroup)) {
    std::string line;
    std::getline(std::ifstream(absl::StrCat("/proc/", pid, "/cmdline")), line, '\0');
    if (line == "fake_blade_timer") kill(pid, SIGKILL);
  }
}

// Its last process may need a moment to leave.
bool RemoveCgroup(const std::string& cgroup) {
  for (int tries = 0; tries < 500; ++tries) {
    if (rmdir(cgroup.c_str()) == 0 || errno == ENOENT) return true;
    absl::SleepFor(absl::Milliseconds(10));
  }
  return false;
}

}  // namespace

absl::StatusOr<ExecResult> ToolOnThisMachine::Run(const std::vector<std::string>& argv,
                                                  absl::Duration timeout) {
  std::vector<std::string> here = argv;
  here[0] = GRAYLING_PROBE_PROGRAM;
  here.insert(here.end(), {"--state-dir", folder_ + "/marks", "--keeper-cgroup", keeper_cgroup_});
  return local_.Run(here, timeout);
}

void BladeOnThisMachine::SetUp() {
  std::string root;
  for (const char* place : {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"}) {
    if (std::filesystem::exists(absl::StrCat(place, "/cgroup.procs"))) root = place;
  }
  if (root.empty()) GTEST_SKIP() << "no unified cgroup hierarchy on this machine";
  // A parameterised test's name holds a slash.
  const std::string test = testing::UnitTest::GetInstance()->current_test_info()->name();
  const std::string cgroup = absl::StrCat(root, "/grayling-blade-", getpid(), "-",
                                          absl::StrReplaceAll(test, {{"/", "-"}}));
  if (mkdir(cgroup.c_str(), 0755) != 0) GTEST_SKIP() << "cannot make a cgroup: needs root";
  cgroup_ = cgroup;
  std::string pattern = (std::filesystem::temp_directory_path() / "grayling-blade-XXXXXX").string();
  folder_ = mkdtemp(pattern.data());
  std::filesystem::create_directory(folder_ + "/data");
  std::filesystem::copy_file(GRAYLING_FAKE_BLADE_PROGRAM, folder_ + "/blade");
  service_.name = "visits-service";
  service_.container_id = kContainer;
  service_.cgroup_path = cgroup_;
  service_.pid = StartInContainer({"sleep", "600"});
  std::ofstream(folder_ + "/containers")
      << kContainer << ' ' << service_.pid << ' ' << cgroup_ << '\n';
  tool_ = std::make_unique<ToolOnThisMachine>(folder_, cgroup_ + "-keepers");
  blade_ = std::make_unique<BladeInjector>(*tool_, folder_ + "/blade");
}

void BladeOnThisMachine::TearDown() {
  if (cgroup_.empty()) return;
  tool_->Run({"", "fault", "revert", "--all"}, absl::Seconds(30)).IgnoreError();
  for (const int child : children_) {
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
  }
  if (!service_.veth.empty()) {
    local_.Run({"ip", "link", "del", service_.veth}, absl::Seconds(10)).IgnoreError();
  }
  KillTimers(cgroup_ + "-keepers");
  EXPECT_TRUE(RemoveCgroup(cgroup_)) << "something still runs in it";
  EXPECT_TRUE(RemoveCgroup(cgroup_ + "-keepers")) << "a keeper still runs";
  std::filesystem::remove_all(folder_);
}

void BladeOnThisMachine::SetMood(const std::string& mood) {
  std::ofstream(folder_ + "/moods") << mood << '\n';
}

int BladeOnThisMachine::StartInContainer(const std::vector<std::string>& argv) {
  std::vector<char*> arguments;
  for (const std::string& word : argv) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  int ends[2];
  EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
  const std::string procs = cgroup_ + "/cgroup.procs";
  const pid_t child = fork();
  if (child == 0) {
    const int fd = open(procs.c_str(), O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, "0", 1) != 1) _exit(1);
    execvp(arguments[0], arguments.data());
    _exit(127);
  }
  close(ends[1]);
  char nothing = 0;
  EXPECT_EQ(read(ends[0], &nothing, 1), 0);  // the child's end closes when it becomes its program
  close(ends[0]);
  children_.push_back(child);
  return child;
}

FaultOrder BladeOnThisMachine::Order(const std::string& kind,
                                     std::map<std::string, double> parameters,
                                     std::map<std::string, std::string> options) {
  const auto values =
      CompleteValues(**FindFaultKind(kind), {std::move(parameters), std::move(options)});
  EXPECT_TRUE(values.ok()) << values.status();
  FaultOrder order;
  order.id = "contract";
  order.kind = kind;
  order.vm = "vms/lab";
  order.service = service_;
  order.parameters = values->parameters;
  order.options = values->options;
  order.duration = absl::Seconds(60);
  return order;
}

void BladeOnThisMachine::AddNetwork() {
  service_.pid = StartInContainer({"unshare", "--net", "sleep", "602"});
  std::ofstream(folder_ + "/containers")
      << kContainer << ' ' << service_.pid << ' ' << cgroup_ << '\n';
  service_.veth = absl::StrCat("gb", service_.pid);
  const std::string in_container = absl::StrCat("/proc/", service_.pid, "/ns/net");
  for (int tries = 0; tries < 250 && std::filesystem::read_symlink(in_container) ==
                                         std::filesystem::read_symlink("/proc/self/ns/net");
       ++tries) {
    absl::SleepFor(absl::Milliseconds(20));
  }
  const auto added = local_.Run({"ip", "link", "add", service_.veth, "type", "veth", "peer", "name",
                                 "eth0", "netns", absl::StrCat(service_.pid)},
                                absl::Seconds(10));
  ASSERT_TRUE(added.ok() && added->exit_code == 0) << added.status() << added->err;
}

std::string BladeOnThisMachine::InNetwork(std::vector<std::string> argv) {
  const std::vector<std::string> enter = {"nsenter", "-t", absl::StrCat(service_.pid), "-n", "--"};
  argv.insert(argv.begin(), enter.begin(), enter.end());
  const auto result = local_.Run(argv, absl::Seconds(10));
  return result.ok() ? result->out + result->err : std::string(result.status().message());
}

FaultOrder BladeOnThisMachine::BladeLine(std::vector<std::string> arguments) {
  FaultOrder order = Order("blade");
  order.arguments = std::move(arguments);
  return order;
}

int BladeOnThisMachine::PidInMark(const std::string& who) {
  std::ifstream file(folder_ + "/marks/contract.json");
  const nlohmann::json mark = nlohmann::json::parse(file, nullptr, false);
  return mark.is_object() ? mark[who].value("pid", 0) : 0;
}

std::vector<std::string> BladeOnThisMachine::Strangers() {
  std::vector<std::string> lines;
  for (const int pid : ProcessesIn(cgroup_)) {
    if (std::find(children_.begin(), children_.end(), pid) != children_.end()) continue;
    std::ifstream file(absl::StrCat("/proc/", pid, "/cmdline"));
    const std::string line(std::istreambuf_iterator<char>(file), {});
    if (!line.empty()) lines.push_back(absl::StrReplaceAll(line, {{std::string(1, '\0'), " "}}));
  }
  return lines;
}

bool BladeOnThisMachine::IsAloneWithin(int seconds) {
  for (int tries = 0; tries < seconds * 50; ++tries) {
    if (Strangers().empty()) return true;
    absl::SleepFor(absl::Milliseconds(20));
  }
  return Strangers().empty();
}

}  // namespace grayling
