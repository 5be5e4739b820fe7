// A stand-in for ChaosBlade's `blade`, for tests; see README.md beside it.

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "probe/fault/blade_processes.h"
#include "tests/fake_blade/experiment.h"

namespace grayling::fake_blade {
namespace {

using nlohmann::ordered_json;
using Words = std::vector<std::string>;

int Succeed(const ordered_json& result) {
  const ordered_json answer = {{"code", 200}, {"success", true}, {"result", result}};
  std::printf("%s\n", answer.dump().c_str());
  return 0;
}

int Fail(const Home& home, const Failure& failure) {
  const ordered_json answer = {
      {"code", failure.code}, {"success", false}, {"error", failure.error}};
  if (home.HasMood("usage")) {
    std::fprintf(stderr, "Error: %s\nUsage:\n  blade create [flags]\n\nFlags:\n  -h, --help\n",
                 answer.dump().c_str());
  } else {
    std::fprintf(stderr, "%s\n", answer.dump().c_str());
  }
  return 1;
}

int Destroy(const Home& home, const std::string& uid, bool force_remove) {
  nlohmann::json record = home.ReadRecord(uid);
  if (record.at("Status") == "Destroyed") return Succeed("already destroyed");
  if (home.HasMood("destroy-fails")) throw Failure{63061, "exit status 2"};
  if (!home.HasMood("residue")) {
    try {
      Undo(home, ParseLine(record.at("FakeWords").get<Words>()), uid);
    } catch (const Failure&) {
      if (!force_remove && record.at("Status") == "Success") throw;
    }
  }
  if (force_remove) {
    home.RemoveRecord(uid);
  } else {
    record["Status"] = "Destroyed";
    home.WriteRecord(record);
  }
  // The real one lets its sleeper go on; here it would outlive the test.
  const int timer = record.value("FakeTimer", 0);
  if (timer > 0 && timer != getpid() && probe::StateOf(timer) != 0) kill(timer, SIGKILL);
  return Succeed(record.at("Command").get<std::string>() + " " + record.value("SubCommand", ""));
}

int Create(const Home& home, const Words& words) {
  const Line line = ParseLine(words);
  const std::string uid = line.Flag("uid", "0123456789abcdef");
  if (home.HasMood("create-fails")) throw Failure{63061, "exit status 1"};
  nlohmann::json record = {{"Uid", uid},
                           {"Command", line.scope.empty() ? line.target : line.scope},
                           {"SubCommand", line.target + " " + line.action},
                           {"Flag", FlagText(line)},
                           {"Status", "Created"},
                           {"Error", ""},
                           {"CreateTime", "2026-01-01T00:00:00Z"},
                           {"UpdateTime", "2026-01-01T00:00:00Z"},
                           {"FakeWords", words}};
  home.WriteRecord(record);
  try {
    Apply(home, line, uid);
    if (home.HasMood("create-fails-late")) throw Failure{63061, "exit status 1"};
  } catch (const Failure& failure) {
    record["Status"] = "Error";
    record["Error"] = failure.error;
    home.WriteRecord(record);
    throw;
  }
  record["Status"] = "Success";
  if (!line.Flag("timeout").empty() && !home.HasMood("timer-sleeps")) {
    record["FakeTimer"] = StartInBackground({"fake_blade_timer", line.Flag("timeout"), uid}, "");
  }
  home.WriteRecord(record);
  if (home.HasMood("hanging-create")) pause();
  if (home.HasMood("success-with-error")) {
    std::printf("{\"code\":200,\"success\":true,\"error\":\"exit status 1\",\"result\":\"%s\"}\n",
                uid.c_str());
    return 0;
  }
  return Succeed(home.HasMood("wrong-uid") ? "ffffffffffffffff" : uid);
}

int Status(const Home& home, const std::string& uid) {
  const nlohmann::json record = home.ReadRecord(uid);
  ordered_json result;
  for (const char* key :
       {"Uid", "Command", "SubCommand", "Flag", "Status", "Error", "CreateTime", "UpdateTime"}) {
    result[key] = record.at(key);
  }
  return Succeed(result);
}

std::filesystem::path HomeFolder() {
  const char* folder = std::getenv("FAKE_BLADE_FOLDER");
  if (folder != nullptr) return folder;
  return std::filesystem::read_symlink("/proc/self/exe").parent_path();
}

int Run(const std::string& role, const Words& words) {
  const Home home(HomeFolder());
  try {
    if (role == "chaos_os") {
      const Line line = ParseLine({words.begin() + 1, words.end()});
      Burn(line, line.Flag("fake-root"), line.Flag("fake-cgroup"));
    }
    if (role == "fake_blade_timer" && words.size() == 2) {
      sleep(static_cast<unsigned>(std::atoi(words[0].c_str())));
      return Destroy(home, words[1], false);
    }
    if (!words.empty() && (words[0] == "--version" || words[0] == "version")) {
      std::printf("fake blade: a stand-in for tests, not ChaosBlade (behaves like 1.8.0)\n");
      return 0;
    }
    if (words.size() > 1 && (words[0] == "create" || words[0] == "c")) {
      return Create(home, {words.begin() + 1, words.end()});
    }
    if (words.size() > 1 && (words[0] == "destroy" || words[0] == "d")) {
      return Destroy(home, words[1], words.size() > 2 && words[2] == "--force-remove");
    }
    if (words.size() > 1 && (words[0] == "status" || words[0] == "s"))
      return Status(home, words[1]);
    throw Failure{49000, "illegal command"};
  } catch (const Failure& failure) {
    return Fail(home, failure);
  } catch (const std::exception& problem) {
    return Fail(home, Failure{56000, problem.what()});
  }
}

}  // namespace
}  // namespace grayling::fake_blade

int main(int argc, char** argv) {
  return grayling::fake_blade::Run(argv[0], {argv + 1, argv + argc});
}
