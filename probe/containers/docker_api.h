#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "probe/kernel/result.h"

namespace grayling::probe {

inline constexpr char kDockerSocket[] = "/var/run/docker.sock";

// One GET over Docker's Unix socket, HTTP/1.0 so that the answer ends with the connection.
// Returns the body of a 200 answer.
Result<std::string> DockerGet(const std::string& socket_path, const std::string& path);

// One POST without a body, such as /containers/ID/start. Waits up to 30 s for the answer; 200, 204
// and 304 (there was nothing to do) are fine.
Status DockerPost(const std::string& socket_path, const std::string& path);

// The body of a 200 answer (an empty one of 204 or 304), otherwise a sentence with the status line
// and Docker's own message; its code is ENOENT for 404.
Result<std::string> HttpBody(std::string_view answer);

struct ContainerSummary {
  std::string id;
  std::string name;  // without Docker's leading slash
  std::string image;
};
// The answer to /containers/json.
Result<std::vector<ContainerSummary>> ParseContainerList(const std::string& json);

struct ContainerState {
  int pid = 0;
  std::string ip;
  std::string health;  // healthy, unhealthy, starting, or none
  bool running = false;
  bool removed_when_stopped = false;  // docker run --rm
};
// The answer to /containers/ID/json.
Result<ContainerState> ParseContainerState(const std::string& json);

}  // namespace grayling::probe
