#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

namespace grayling::fake_blade {

// What ends a command: printed as blade does, with exit code 1.
struct Failure {
  int code;
  std::string error;
};

struct Container {
  int pid = 0;  // 0: the machine itself
  std::string cgroup;
};

// The folder with records, moods and containers.
class Home {
 public:
  explicit Home(std::filesystem::path folder);
  bool HasMood(const std::string& mood) const { return moods_.count(mood) > 0; }
  // Throws Failure 67002 when there is none.
  nlohmann::json ReadRecord(const std::string& uid) const;
  void WriteRecord(const nlohmann::json& record) const;
  void RemoveRecord(const std::string& uid) const;
  // Throws Failure 47010 for one that is not known or does not run.
  Container FindContainer(const std::string& id) const;

 private:
  std::filesystem::path folder_;
  std::set<std::string> moods_;
};

// A line behind `create`, taken apart as cobra does.
struct Line {
  std::string scope;
  std::string target;
  std::string action;
  std::map<std::string, std::string> flags;
  std::string Flag(const std::string& name, const std::string& other = "") const;
};
Line ParseLine(const std::vector<std::string>& words);
std::string FlagText(const Line& line);

// Throw Failure.
void Apply(const Home& home, const Line& line, const std::string& uid);
void Undo(const Home& home, const Line& line, const std::string& uid);

// The role of the program `chaos_os`: burns until it is killed.
[[noreturn]] void Burn(const Line& line, const std::string& root, const std::string& cgroup);

// Forks a process that is nobody's child, keeps no stream open, and becomes this program again with
// these words; returns its id.
int StartInBackground(const std::vector<std::string>& words, const std::string& cgroup);

}  // namespace grayling::fake_blade
