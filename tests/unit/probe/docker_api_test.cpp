#include "probe/containers/docker_api.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <thread>

#include "probe/containers/container_finder.h"
#include "tests/unit/probe/temporary_folder.h"

namespace grayling::probe {
namespace {

// Answers one connection after the other on a Unix socket, each with the next of its answers.
class ScriptedDocker {
 public:
  explicit ScriptedDocker(std::vector<std::string> answers) : answers_(std::move(answers)) {
    listener_ = socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path().copy(address.sun_path, path().size());
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(listen(listener_, 8), 0);
    thread_ = std::thread([this] { Serve(); });
  }
  ~ScriptedDocker() {
    thread_.join();
    close(listener_);
  }

  std::string path() const { return folder_.path() + "/docker.sock"; }
  const std::vector<std::string>& requests() const { return requests_; }

 private:
  void Serve() {
    for (const std::string& answer : answers_) {
      const int connection = accept(listener_, nullptr, nullptr);
      char request[512];
      const ssize_t n = read(connection, request, sizeof request);
      requests_.emplace_back(request, static_cast<std::size_t>(n > 0 ? n : 0));
      EXPECT_EQ(write(connection, answer.data(), answer.size()),
                static_cast<ssize_t>(answer.size()));
      close(connection);
    }
  }

  const TemporaryFolder folder_;
  const std::vector<std::string> answers_;
  std::vector<std::string> requests_;
  int listener_ = -1;
  std::thread thread_;
};

TEST(DockerApi, SpeaksHttp10AndReturnsTheBody) {
  ScriptedDocker docker({"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n[]"});
  Result<std::string> body = DockerGet(docker.path(), "/containers/json");
  ASSERT_TRUE(body.ok());
  EXPECT_EQ(*body, "[]");
  EXPECT_EQ(docker.requests().at(0).substr(0, 31), "GET /containers/json HTTP/1.0\r\n");
}

TEST(DockerApi, AnErrorCarriesDockersOwnWords) {
  Result<std::string> body =
      HttpBody("HTTP/1.0 404 Not Found\r\n\r\n{\"message\":\"No such container: x\"}");
  ASSERT_FALSE(body.ok());
  EXPECT_EQ(body.error().sentence, "Docker answered 404 Not Found: No such container: x");
}

TEST(DockerApi, WhatIsNotHttpIsRefused) {
  EXPECT_FALSE(HttpBody("").ok());
  EXPECT_FALSE(HttpBody("SSH-2.0-OpenSSH\r\n\r\n").ok());
  EXPECT_FALSE(HttpBody("HTTP/1.0 200 OK\r\n").ok());
}

TEST(DockerApi, ASilentSocketIsNamed) {
  Result<std::string> body = DockerGet("/nowhere/docker.sock", "/containers/json");
  ASSERT_FALSE(body.ok());
  EXPECT_NE(body.error().sentence.find("/nowhere/docker.sock"), std::string::npos);
}

TEST(DockerApi, TheListGivesNamesWithoutTheSlash) {
  Result<std::vector<ContainerSummary>> list =
      ParseContainerList(R"([{"Id":"ab12","Names":["/api-gateway"],"Image":"lab:1"}])");
  ASSERT_TRUE(list.ok());
  ASSERT_EQ(list->size(), 1u);
  EXPECT_EQ(list->at(0).name, "api-gateway");
  EXPECT_EQ(list->at(0).id, "ab12");
  EXPECT_EQ(list->at(0).image, "lab:1");
  EXPECT_FALSE(ParseContainerList("{}").ok());
  EXPECT_FALSE(ParseContainerList("[{\"Id\":\"x\"}]").ok());
}

TEST(DockerApi, TheStateGivesPidAddressAndHealth) {
  Result<ContainerState> state = ParseContainerState(
      R"({"State":{"Pid":4711,"Health":{"Status":"healthy"}},
          "NetworkSettings":{"IPAddress":"","Networks":{"lab":{"IPAddress":"172.30.1.2"}}}})");
  ASSERT_TRUE(state.ok());
  EXPECT_EQ(state->pid, 4711);
  EXPECT_EQ(state->ip, "172.30.1.2");
  EXPECT_EQ(state->health, "healthy");
  state = ParseContainerState(R"({"State":{"Pid":1},"NetworkSettings":{"IPAddress":"10.0.0.2"}})");
  ASSERT_TRUE(state.ok());
  EXPECT_EQ(state->ip, "10.0.0.2");
  EXPECT_EQ(state->health, "none");
  EXPECT_FALSE(ParseContainerState("{}").ok());
}

TEST(ContainerFinder, AContainerIsFoundInTheKernelAndAskedForOnlyOnce) {
  // Our own process stands in for the container's: it has a cgroup, and no network of its own.
  if (!CgroupFolder(getpid()).ok()) GTEST_SKIP() << "this kernel has no unified cgroup hierarchy";
  const std::string list =
      "HTTP/1.0 200 OK\r\n\r\n[{\"Id\":\"ab12\",\"Names\":[\"/vets\"],\"Image\":\"lab\"}]";
  ScriptedDocker docker({list,
                         "HTTP/1.0 200 OK\r\n\r\n{\"State\":{\"Pid\":" + std::to_string(getpid()) +
                             "},\"NetworkSettings\":{\"IPAddress\":\"172.30.0.9\"}}",
                         list});
  ContainerFinder finder(docker.path());
  for (int round = 0; round < 2; ++round) {
    Result<std::vector<Container>> found = finder.Find();
    ASSERT_TRUE(found.ok()) << found.error().sentence;
    ASSERT_EQ(found->size(), 1u);
    EXPECT_EQ(found->at(0).name, "vets");
    EXPECT_EQ(found->at(0).pid, getpid());
    EXPECT_EQ(found->at(0).ip, "172.30.0.9");
    EXPECT_EQ(found->at(0).cgroup, *CgroupFolder(getpid()));
    EXPECT_EQ(found->at(0).veth, "");
  }
}

TEST(ContainerFinder, TheJsonHasTheAgreedKeys) {
  EXPECT_EQ(ContainersJson({{"a", "b", "c", 1, "/d", "v", "br", "ip", "none"}}),
            R"([{"name":"a","id":"b","image":"c","pid":1,"cgroup":"/d","veth":"v",)"
            R"("bridge":"br","ip":"ip","health":"none"}])");
  EXPECT_EQ(ContainersJson({}), "[]");
}

}  // namespace
}  // namespace grayling::probe
