#include "probe/exporter/exporter.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <limits>
#include <set>

#include "probe/exporter/container_sample.h"
#include "probe/exporter/exposition.h"
#include "probe/exporter/metrics_server.h"

namespace grayling::probe {
namespace {

TEST(Exposition, TheTypeFollowsFromTheNameAndIsSaidOnce) {
  std::string out;
  Exposition exposition(out);
  exposition.Family("x_seconds_total");
  exposition.Sample(LabelText("container_name", "a"), 1.5);
  exposition.Sample(LabelText("container_name", "b"), 2);
  exposition.Family("y");
  exposition.Sample("", 0.1);
  EXPECT_EQ(out,
            "# TYPE x_seconds_total counter\n"
            "x_seconds_total{container_name=\"a\"} 1.5\n"
            "x_seconds_total{container_name=\"b\"} 2\n"
            "# TYPE y gauge\n"
            "y 0.1\n");
}

TEST(Exposition, WhatIsUnknownIsLeftOutWithItsType) {
  std::string out;
  Exposition exposition(out);
  exposition.Family("x");
  exposition.Sample("", std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(out, "");
}

TEST(Exposition, LabelValuesAreEscaped) {
  EXPECT_EQ(LabelText("l", "a\"b\\c\nd"), R"(l="a\"b\\c\nd")");
}

TEST(ContainerFamilies, NamesAreUniqueAndNoneSpeaksOfQueueDisciplines) {
  std::set<std::string_view> names;
  for (const ContainerFamily& family : kContainerFamilies) {
    EXPECT_TRUE(names.insert(family.name).second) << family.name;
    EXPECT_EQ(family.name.find("qdisc"), std::string_view::npos);
  }
}

std::string Get(std::uint16_t port, const std::string& path) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(port);
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&where), sizeof where), 0);
  const std::string request = "GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  EXPECT_EQ(write(fd, request.data(), request.size()), static_cast<ssize_t>(request.size()));
  std::string answer;
  char chunk[4096];
  for (ssize_t n = 0; (n = read(fd, chunk, sizeof chunk)) > 0;) {
    answer.append(chunk, static_cast<std::size_t>(n));
  }
  close(fd);
  return answer;
}

TEST(MetricsServer, ServesTheNodeWithoutDockerAndEndsOnSigterm) {
  Result<std::unique_ptr<MetricsServer>> server =
      MetricsServer::Listen("127.0.0.1", 0, Exporter(ContainerFinder("/nowhere.sock")), nullptr);
  ASSERT_TRUE(server.ok()) << server.error().sentence;
  const std::uint16_t port = (*server)->port();
  const pid_t child = fork();  // the listening socket is shared, the event loop runs over there
  if (child == 0) {
    (*server)->Run();
    _exit(0);
  }
  const std::string answer = Get(port, "/metrics");
  EXPECT_NE(answer.find("200 OK"), std::string::npos);
  EXPECT_NE(answer.find("Content-Type: text/plain; version=0.0.4"), std::string::npos);
  EXPECT_NE(answer.find("# TYPE grayling_node_run_queue gauge\n"), std::string::npos);
  EXPECT_EQ(answer.find("container_name"), std::string::npos);
  EXPECT_NE(Get(port, "/other").find("404"), std::string::npos);
  kill(child, SIGTERM);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

TEST(MetricsServer, RoundsGoOnThoughNobodyScrapes) {
  MetricsServer* running = nullptr;
  int rounds = 0;
  Result<std::unique_ptr<MetricsServer>> server = MetricsServer::Listen(
      "127.0.0.1", 0, Exporter(ContainerFinder("/nowhere.sock")),
      [&] {
        if (++rounds == 3) running->Stop();
      },
      std::chrono::milliseconds(1));
  ASSERT_TRUE(server.ok()) << server.error().sentence;
  running = server->get();
  running->Run();
  EXPECT_EQ(rounds, 3);
}

TEST(MetricsServer, AWrongAddressOrATakenPortIsASentence) {
  EXPECT_EQ(MetricsServer::Listen("localhost", 0, Exporter(), nullptr).error().sentence,
            "'localhost' is no IPv4 address; give --listen ADDRESS:PORT");
  Result<std::unique_ptr<MetricsServer>> first =
      MetricsServer::Listen("127.0.0.1", 0, Exporter(), nullptr);
  ASSERT_TRUE(first.ok());
  EXPECT_FALSE(MetricsServer::Listen("127.0.0.1", (*first)->port(), Exporter(), nullptr).ok());
}

}  // namespace
}  // namespace grayling::probe
