#include "deploy/lab/application/http_server.h"

#include <arpa/inet.h>
#include <httplib.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"

namespace grayling::lab {
namespace {

using testing::HasSubstr;

int Connect(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  return fd;
}

// Everything that comes until the peer closes.
std::string ReadAll(int fd) {
  std::string all;
  char buffer[4096];
  for (ssize_t n; (n = recv(fd, buffer, sizeof(buffer), 0)) > 0;) all.append(buffer, n);
  return all;
}

void SendText(int fd, const std::string& text) {
  ASSERT_EQ(send(fd, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
}

Reply EchoPath(Call& call) { return {200, call.method + call.target + call.body}; }

TEST(HttpServerTest, ServesManyIdleConnectionsWithOneWorker) {
  HttpServer server(1, EchoPath);
  ASSERT_TRUE(server.Start("127.0.0.1", 0).ok());
  std::vector<std::unique_ptr<httplib::Client>> clients;
  for (int i = 0; i < 40; ++i) {
    clients.push_back(std::make_unique<httplib::Client>("127.0.0.1", server.port()));
    clients.back()->set_keep_alive(true);
  }
  for (int round = 0; round < 3; ++round) {
    for (auto& client : clients) EXPECT_EQ(client->Get("/a?b=1")->body, "GET/a?b=1");
  }
  EXPECT_EQ(server.accepted(), 40u);
}

TEST(HttpServerTest, AnswersRequestsThatArriveTogether) {
  HttpServer server(2, EchoPath);
  ASSERT_TRUE(server.Start("127.0.0.1", 0).ok());
  const int fd = Connect(server.port());
  SendText(fd,
           "POST /a HTTP/1.1\r\nContent-Length: 3\r\n\r\nxyz"
           "GET /b HTTP/1.1\r\nConnection: close\r\n\r\n");
  const std::string answers = ReadAll(fd);
  close(fd);
  EXPECT_THAT(answers, HasSubstr("POST/axyz"));
  EXPECT_THAT(answers, HasSubstr("GET/b"));
}

TEST(HttpServerTest, SurvivesAPeerThatLeavesInTheMiddleOfARequest) {
  HttpServer server(1, EchoPath);
  ASSERT_TRUE(server.Start("127.0.0.1", 0).ok());
  const int fd = Connect(server.port());
  SendText(fd, "POST /a HTTP/1.1\r\nContent-Length: 100\r\n\r\nonly a part");
  close(fd);
  EXPECT_EQ(httplib::Client("127.0.0.1", server.port()).Get("/b")->body, "GET/b");
}

TEST(HttpServerTest, SendsLargeAnswersWhole) {
  const std::string large(3 << 20, 'x');
  HttpServer server(1, [&large](Call&) { return Reply{200, large}; });
  ASSERT_TRUE(server.Start("127.0.0.1", 0).ok());
  EXPECT_EQ(httplib::Client("127.0.0.1", server.port()).Get("/")->body, large);
}

TEST(HttpServerTest, AnswersClientsInParallelEachWithItsOwn) {
  HttpServer server(4, EchoPath);
  ASSERT_TRUE(server.Start("127.0.0.1", 0).ok());
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&server, &wrong, t] {
      httplib::Client client("127.0.0.1", server.port());
      client.set_keep_alive(true);
      const std::string path = absl::StrCat("/", t);
      for (int i = 0; i < 50; ++i) {
        const httplib::Result result = client.Get(path);
        if (!result || result->body != absl::StrCat("GET", path)) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(HttpServerTest, StopsWithConnectionsOpen) {
  HttpServer server(2, EchoPath);
  ASSERT_TRUE(server.Start("127.0.0.1", 0).ok());
  const int fd = Connect(server.port());
  server.Stop();
  EXPECT_EQ(ReadAll(fd), "");
  close(fd);
}

TEST(HttpServerTest, SaysWhyItCannotListen) {
  HttpServer first(1, EchoPath);
  ASSERT_TRUE(first.Start("127.0.0.1", 0).ok());
  HttpServer second(1, EchoPath);
  EXPECT_THAT(std::string(second.Start("127.0.0.1", first.port()).message()),
              HasSubstr("Address already in use"));
  EXPECT_EQ(HttpServer(1, EchoPath).Start("localhost", 0).code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace grayling::lab
