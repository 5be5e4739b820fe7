#include "tests/fake_blade/experiment.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "probe/fault/blade_processes.h"
#include "probe/fault/child_program.h"
#include "probe/fault/cpu_load.h"

namespace grayling::fake_blade {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

double Number(const std::string& text) { return std::strtod(text.c_str(), nullptr); }

Container Place(const Home& home, const Line& line) {
  return line.scope.empty() ? Container() : home.FindContainer(line.Flag("container-id"));
}

std::string RootOf(const Container& place) {
  return place.pid == 0 ? "" : "/proc/" + std::to_string(place.pid) + "/root";
}

void RunTool(const Container& place, Words argv, int missing_code) {
  if (place.pid != 0) {
    const Words enter = {"nsenter", "-t", std::to_string(place.pid), "-n", "--"};
    argv.insert(argv.begin(), enter.begin(), enter.end());
  }
  const auto run = probe::RunProgram(argv, 5000);
  if (!run.ok()) throw Failure{missing_code, run.error().sentence};
  if (run->exit_code == 0) return;
  const std::string& text = run->err;
  if (text.find("File exists") != std::string::npos ||
      text.find("Exclusivity") != std::string::npos) {
    throw Failure{49001, "RTNETLINK answers: File exists"};
  }
  if (run->exit_code == 127) throw Failure{missing_code, "command not found: " + text};
  throw Failure{63061, text};
}

Words NetemRule(const Home& home, const Line& line) {
  if (home.HasMood("netem-without-effect")) return {"netem"};
  const std::string percent = line.Flag("percent") + "%";
  if (line.action == "delay") {
    return {"netem", "delay", line.Flag("time") + "ms", line.Flag("offset", "0") + "ms"};
  }
  if (line.action == "reorder") {
    return {"netem", "reorder",
            percent, line.Flag("correlation", "0") + "%",
            "delay", line.Flag("time", "10") + "ms"};
  }
  return {"netem", line.action, percent};
}

// The filters' u32 matches, one list for each filter.
std::vector<Words> Matches(const Line& line) {
  std::vector<Words> all;
  const std::string address = line.Flag("destination-ip");
  Words to;
  if (!address.empty()) to = {"match", "ip", "dst", address};
  for (const auto& [flag, field] : {std::pair{"local-port", "sport"}, {"remote-port", "dport"}}) {
    if (line.Flag(flag).empty()) continue;
    Words match = to;
    match.insert(match.end(), {"match", "ip", field, line.Flag(flag), "0xffff"});
    all.push_back(match);
  }
  if (all.empty() && !to.empty()) all.push_back(to);
  return all;
}

void ApplyNetwork(const Home& home, const Line& line) {
  const std::string interface = line.Flag("interface");
  if (interface.empty()) throw Failure{45000, "less --interface flag"};
  const Container place = Place(home, line);
  const Words rule = NetemRule(home, line);
  const std::vector<Words> matches = Matches(line);
  Words add = {"tc", "qdisc", "add", "dev", interface, "root"};
  if (matches.empty()) {
    add.insert(add.end(), rule.begin(), rule.end());
    RunTool(place, add, 52003);
  } else {
    add.insert(add.end(), {"handle", "1:", "prio", "bands", "4"});
    RunTool(place, add, 52003);
    Words netem = {"tc", "qdisc", "add", "dev", interface, "parent", "1:4", "handle", "40:"};
    netem.insert(netem.end(), rule.begin(), rule.end());
    RunTool(place, netem, 52003);
    for (const Words& match : matches) {
      Words filter = {"tc", "filter", "add", "dev",      interface, "parent",
                      "1:", "prio",   "4",   "protocol", "ip",      "u32"};
      filter.insert(filter.end(), match.begin(), match.end());
      filter.insert(filter.end(), {"flowid", "1:4"});
      RunTool(place, filter, 52003);
    }
  }
  if (home.HasMood("queue-length")) {
    RunTool(place, {"ip", "link", "set", "dev", interface, "txqueuelen", "77"}, 52003);
  }
}

void StartBurner(const Home& home, const Line& line, const std::string& uid) {
  const Container place = Place(home, line);
  Words words = {"chaos_os",
                 "create",
                 line.target,
                 line.action,
                 "--uid=" + uid,
                 "--fake-root=" + RootOf(place),
                 "--fake-cgroup=" + place.cgroup};
  for (const auto& [name, value] : line.flags) {
    if (name != "uid") words.push_back("--" + name + "=" + value);
  }
  const int pid = StartInBackground(words, home.HasMood("burner-outside") ? "" : place.cgroup);
  if (home.HasMood("dead-burner")) kill(pid, SIGKILL);
}

void FillDisk(const Home& home, const Line& line) {
  const std::string file =
      RootOf(Place(home, line)) + line.Flag("path", "/") + "/chaos_filldisk.log.dat";
  const int fd = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) throw Failure{51000, "cannot open " + file};
  const auto bytes = static_cast<off_t>(Number(line.Flag("size"))) << 20;
  const int problem = posix_fallocate(fd, 0, bytes);
  close(fd);
  if (problem != 0) throw Failure{51000, "fallocate failed"};
}

std::vector<pid_t> NamedProcesses(const Container& place, const std::string& name) {
  std::vector<pid_t> pids;
  const auto all = probe::ProcessesOf(place.cgroup);
  if (!all.ok()) return pids;
  for (const pid_t pid : *all) {
    std::string known;
    std::getline(std::ifstream("/proc/" + std::to_string(pid) + "/comm"), known);
    if (known == name) pids.push_back(pid);
  }
  return pids;
}

void Signal(const Home& home, const Line& line, int number) {
  const Container place = Place(home, line);
  const std::vector<pid_t> pids = NamedProcesses(place, line.Flag("process"));
  if (pids.empty()) throw Failure{47001, line.Flag("process") + " process not found"};
  for (const pid_t pid : pids) {
    // From inside its process namespace the kernel spares the first process.
    if (pid != place.pid) kill(pid, number);
  }
}

void KillBurners(const std::string& uid) {
  for (const fs::directory_entry& entry : fs::directory_iterator("/proc")) {
    const int pid = std::atoi(entry.path().filename().c_str());
    if (pid <= 0) continue;
    std::ifstream file(entry.path() / "cmdline");
    const std::string line(std::istreambuf_iterator<char>(file), {});
    if (line.rfind("chaos_os", 0) == 0 && line.find(uid) != std::string::npos) kill(pid, SIGKILL);
  }
}

[[noreturn]] void HoldMemory(const Line& line, const std::string& cgroup) {
  constexpr std::size_t kStep = 4U << 20U;
  const auto read = [](const std::string& path) {
    double value = 0;
    std::ifstream(path) >> value;
    return value;
  };
  const double limit = read(cgroup + "/memory.max");
  const double goal = limit * Number(line.Flag("mem-percent")) / 100;
  while (limit > 0 && read(cgroup + "/memory.current") < goal) {
    void* block = mmap(nullptr, kStep, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (block == MAP_FAILED) break;
    usleep(20000);
  }
  while (true) pause();
}

[[noreturn]] void BurnDisk(const std::string& file) {
  const std::vector<char> block(1U << 20U, 'x');
  while (true) {
    const int fd = open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_DSYNC | O_CLOEXEC, 0644);
    for (int i = 0; i < 10 && fd >= 0; ++i) static_cast<void>(!write(fd, block.data(), 1U << 20U));
    close(fd);
    usleep(10000);
  }
}

}  // namespace

int StartInBackground(const Words& words, const std::string& cgroup) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw Failure{63061, "no pipe"};
  const pid_t first = fork();
  if (first == 0) {
    setsid();
    const pid_t second = fork();
    if (second != 0) {
      static_cast<void>(!write(ends[1], &second, sizeof second));
      _exit(0);
    }
    const int null = open("/dev/null", O_RDWR);
    for (const int stream : {0, 1, 2}) dup2(null, stream);
    if (!cgroup.empty()) std::ofstream(cgroup + "/cgroup.procs") << getpid();
    close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
    std::vector<char*> arguments;
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    execv("/proc/self/exe", arguments.data());
    _exit(127);
  }
  pid_t pid = 0;
  waitpid(first, nullptr, 0);
  static_cast<void>(!read(ends[0], &pid, sizeof pid));
  close(ends[0]);
  close(ends[1]);
  return pid;
}

void Burn(const Line& line, const std::string& root, const std::string& cgroup) {
  if (line.target == "mem") HoldMemory(line, cgroup);
  if (line.target == "disk") BurnDisk(root + line.Flag("path", "/") + "/chaos_burnio.write");
  const int count = std::max(1, std::atoi(line.Flag("cpu-count", "1").c_str()));
  for (int i = 1; i < count; ++i) {
    if (fork() == 0) break;  // told by the same command line, found and killed like the first
  }
  probe::BurnForEver(Number(line.Flag("cpu-percent", "100")) / 100);
}

void Apply(const Home& home, const Line& line, const std::string& uid) {
  if (line.target == "network") return ApplyNetwork(home, line);
  if (line.target == "cpu" || line.target == "mem") return StartBurner(home, line, uid);
  if (line.target == "disk" && line.action == "burn") return StartBurner(home, line, uid);
  if (line.target == "disk" && line.action == "fill") return FillDisk(home, line);
  if (line.target == "process" && line.action == "stop") return Signal(home, line, SIGSTOP);
  if (line.target == "process" && line.action == "kill") {
    return Signal(home, line, std::atoi(line.Flag("signal", "9").c_str()));
  }
  if (line.target == "jvm") return;
  throw Failure{44000, "`" + line.target + "`: action not supported"};
}

void Undo(const Home& home, const Line& line, const std::string& uid) {
  const Container place = Place(home, line);
  if (line.target == "network") {
    const std::string interface = line.Flag("interface");
    return RunTool(place, {"tc", "qdisc", "del", "dev", interface, "root"}, 52003);
  }
  if (line.target == "process" && line.action == "stop") return Signal(home, line, SIGCONT);
  KillBurners(uid);
  const std::string folder = RootOf(place) + line.Flag("path", "/");
  if (line.target != "disk") return;
  for (const char* name : {"/chaos_filldisk.log.dat", "/chaos_burnio.write"}) {
    fs::remove(folder + name);
  }
}

}  // namespace grayling::fake_blade
