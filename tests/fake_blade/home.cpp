#include <signal.h>

#include <fstream>
#include <sstream>

#include "probe/containers/container_finder.h"
#include "probe/containers/docker_api.h"
#include "tests/fake_blade/experiment.h"

namespace grayling::fake_blade {

using nlohmann::json;

Home::Home(std::filesystem::path folder) : folder_(std::move(folder)) {
  std::ifstream moods(folder_ / "moods");
  for (std::string mood; moods >> mood;) moods_.insert(mood);
}

json Home::ReadRecord(const std::string& uid) const {
  std::ifstream file(folder_ / "records" / uid);
  json record = json::parse(file, nullptr, false);
  if (!record.is_object()) throw Failure{67002, uid + " record not found"};
  return record;
}

void Home::WriteRecord(const json& record) const {
  std::filesystem::create_directories(folder_ / "records");
  std::ofstream(folder_ / "records" / record.at("Uid").get<std::string>()) << record.dump();
}

void Home::RemoveRecord(const std::string& uid) const {
  std::filesystem::remove(folder_ / "records" / uid);
}

Container Home::FindContainer(const std::string& id) const {
  if (id.empty()) throw Failure{45000, "less --container-id or --container-name flag"};
  std::ifstream list(folder_ / "containers");
  for (std::string line; std::getline(list, line);) {
    std::istringstream words(line);
    std::string known;
    Container container;
    words >> known >> container.pid >> container.cgroup;
    if (known == id && kill(container.pid, 0) == 0) return container;
  }
  if (!list.is_open()) {
    const auto found = probe::ContainerFinder(probe::kDockerSocket).Find();
    if (!found.ok()) throw Failure{63062, found.error().sentence};
    for (const probe::Container& container : *found) {
      if (container.id.rfind(id, 0) == 0) return {container.pid, container.cgroup};
    }
  }
  throw Failure{47010, "can not find container " + id};
}

std::string Line::Flag(const std::string& name, const std::string& other) const {
  const auto found = flags.find(name);
  return found == flags.end() ? other : found->second;
}

Line ParseLine(const std::vector<std::string>& words) {
  Line line;
  std::vector<std::string> plain;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i].rfind("--", 0) != 0) {
      plain.push_back(words[i]);
      continue;
    }
    const std::string name = words[i].substr(2);
    const std::size_t equals = name.find('=');
    if (equals != std::string::npos) {
      line.flags[name.substr(0, equals)] = name.substr(equals + 1);
    } else if (i + 1 < words.size() && words[i + 1].rfind("--", 0) != 0) {
      line.flags[name] = words[++i];
    } else {
      line.flags[name] = "true";
    }
  }
  if (!plain.empty() && (plain[0] == "cri" || plain[0] == "docker")) {
    line.scope = plain[0];
    plain.erase(plain.begin());
  }
  if (!plain.empty()) line.target = plain[0];
  if (plain.size() > 1) line.action = plain[1];
  return line;
}

std::string FlagText(const Line& line) {
  std::string text;
  for (const auto& [name, value] : line.flags) text += " --" + name + "=" + value;
  return text;
}

}  // namespace grayling::fake_blade
