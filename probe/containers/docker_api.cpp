#include "probe/containers/docker_api.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <nlohmann/json.hpp>

#include "probe/kernel/unique_fd.h"

namespace grayling::probe {
namespace {

using nlohmann::json;

constexpr timeval kPatience{5, 0};
constexpr timeval kStartPatience{30, 0};

Result<UniqueFd> Connect(const std::string& socket_path, const timeval& patience) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_path.size() >= sizeof address.sun_path) {
    return Error{"the path of Docker's socket is too long: " + socket_path};
  }
  socket_path.copy(address.sun_path, socket_path.size());
  UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return SystemError("cannot open a socket");
  setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return SystemError("cannot reach Docker at " + socket_path + " (is dockerd running?)");
  }
  return fd;
}

std::string StringAt(const json& object, const json::json_pointer& where) {
  return object.contains(where) && object.at(where).is_string()
             ? object.at(where).get<std::string>()
             : std::string();
}

bool FlagAt(const json& object, const json::json_pointer& where) {
  return object.contains(where) && object.at(where).is_boolean() && object.at(where).get<bool>();
}

std::string FirstAddress(const json& container) {
  const json::json_pointer networks("/NetworkSettings/Networks");
  if (container.contains(networks) && container.at(networks).is_object()) {
    for (const auto& [name, network] : container.at(networks).items()) {
      std::string address = StringAt(network, json::json_pointer("/IPAddress"));
      if (!address.empty()) return address;
    }
  }
  return StringAt(container, json::json_pointer("/NetworkSettings/IPAddress"));
}

Result<std::string> Ask(const std::string& socket_path, const std::string& request,
                        const timeval& patience) {
  Result<UniqueFd> connection = Connect(socket_path, patience);
  if (!connection.ok()) return connection.error();
  if (send(connection->get(), request.data(), request.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(request.size())) {
    return SystemError("cannot send a request to Docker");
  }
  std::string answer;
  char chunk[16384];
  while (true) {
    const ssize_t n = recv(connection->get(), chunk, sizeof chunk, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      return SystemError("Docker gave no full answer to " + request.substr(0, request.find('\r')));
    }
    if (n == 0) break;
    answer.append(chunk, static_cast<std::size_t>(n));
  }
  return HttpBody(answer);
}

}  // namespace

Result<std::string> DockerGet(const std::string& socket_path, const std::string& path) {
  return Ask(socket_path, "GET " + path + " HTTP/1.0\r\nHost: docker\r\n\r\n", kPatience);
}

Status DockerPost(const std::string& socket_path, const std::string& path) {
  Result<std::string> answer =
      Ask(socket_path, "POST " + path + " HTTP/1.0\r\nHost: docker\r\nContent-Length: 0\r\n\r\n",
          kStartPatience);
  return answer.ok() ? Status(Done{}) : Status(answer.error());
}

Result<std::string> HttpBody(std::string_view answer) {
  const std::size_t head_end = answer.find("\r\n\r\n");
  const std::string_view status = answer.substr(0, answer.find("\r\n"));
  if (head_end == std::string_view::npos || status.size() < 12 || status.substr(0, 5) != "HTTP/") {
    return Error{"Docker's answer is not HTTP: \"" + std::string(answer.substr(0, 60)) + "\""};
  }
  std::string body(answer.substr(head_end + 4));
  const std::string_view code = status.substr(9, 3);
  if (code == "200" || code == "204" || code == "304") return body;
  const json problem = json::parse(body, nullptr, false);
  std::string words = problem.is_object() ? StringAt(problem, json::json_pointer("/message")) : "";
  return Error{
      "Docker answered " + std::string(status.substr(9)) + (words.empty() ? "" : ": " + words),
      code == "404" ? ENOENT : 0};
}

Result<std::vector<ContainerSummary>> ParseContainerList(const std::string& text) {
  const json list = json::parse(text, nullptr, false);
  if (!list.is_array()) return Error{"Docker's list of containers is not a JSON array"};
  std::vector<ContainerSummary> summaries;
  for (const json& item : list) {
    ContainerSummary summary;
    summary.id = StringAt(item, json::json_pointer("/Id"));
    summary.image = StringAt(item, json::json_pointer("/Image"));
    summary.name = StringAt(item, json::json_pointer("/Names/0"));
    if (!summary.name.empty() && summary.name.front() == '/') summary.name.erase(0, 1);
    if (summary.id.empty() || summary.name.empty()) {
      return Error{"Docker's list holds a container without an id or a name"};
    }
    summaries.push_back(std::move(summary));
  }
  return summaries;
}

Result<ContainerState> ParseContainerState(const std::string& text) {
  const json container = json::parse(text, nullptr, false);
  const json::json_pointer pid("/State/Pid");
  if (!container.is_object() || !container.contains(pid) ||
      !container.at(pid).is_number_integer()) {
    return Error{"Docker's description of a container lacks State.Pid"};
  }
  ContainerState state;
  state.pid = container.at(pid).get<int>();
  state.ip = FirstAddress(container);
  state.health = StringAt(container, json::json_pointer("/State/Health/Status"));
  if (state.health.empty()) state.health = "none";
  state.running = FlagAt(container, json::json_pointer("/State/Running"));
  state.removed_when_stopped = FlagAt(container, json::json_pointer("/HostConfig/AutoRemove"));
  return state;
}

}  // namespace grayling::probe
