// Stands in for `java -jar ApacheJMeter.jar` in tests: reads its arguments as JMeter does, and does
// what the "plan" says, a word and a number on each line:
//   rows N      N samples, 5 ms apart
//   forever     samples until it is told to stop on its UDP port
//   sleep MS    writes nothing meanwhile
//   xml         begins the results as XML
//   say TEXT    a line of output
//   exit CODE   ends; without it the exit code is 0

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>

namespace {

struct Arguments {
  std::string plan, results, log;
  int stop_port = 0;
  int threads = 0;
};

Arguments Parse(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const auto value_of = [&](const std::string& name) {
      return word.rfind(name, 0) == 0 ? word.substr(name.size()) : std::string();
    };
    if (i + 1 < argc && word == "-t") arguments.plan = argv[i + 1];
    if (i + 1 < argc && word == "-l") arguments.results = argv[i + 1];
    if (i + 1 < argc && word == "-j") arguments.log = argv[i + 1];
    if (const auto port = value_of("-Jjmeterengine.nongui.port="); !port.empty()) {
      arguments.stop_port = std::stoi(port);
    }
    if (const auto threads = value_of("-Jthreads="); !threads.empty()) {
      arguments.threads = std::stoi(threads);
    }
  }
  return arguments;
}

int Listen(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  const int fd = socket(AF_INET, SOCK_DGRAM, 0);
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) std::exit(9);
  return fd;
}

// True when a packet came within 5 ms.
bool ToldToStop(int port) {
  pollfd wait = {port, POLLIN, 0};
  return poll(&wait, 1, 5) > 0;
}

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments = Parse(argc, argv);
  const int port = Listen(arguments.stop_port);
  std::ifstream plan(arguments.plan);
  std::ofstream results(arguments.results, std::ios::app);
  std::ofstream(arguments.log) << "INFO o.a.j.JMeter: a fake\n";
  auto write_row = [&, number = 0]() mutable {
    if (number++ == 0) {
      results << "timeStamp,elapsed,label,responseCode,responseMessage,success,failureMessage,"
                 "bytes,allThreads,Latency\n";
    }
    const bool good = number % 10 != 0;
    results << 1'700'000'000'000 + number << ",20,"
            << (number % 2 == 0 ? "get_owner" : "GET owners") << ","
            << (good ? "200,OK,true," : "500,Oops,false,\"expected 200,\nwas 500\"") << ",1000,"
            << arguments.threads << ",19\n"
            << std::flush;
  };
  std::string line;
  while (std::getline(plan, line)) {
    std::istringstream words(line);
    std::string word;
    long number = 0;
    words >> word;
    if (word == "say") std::fprintf(stderr, "%s\n", line.substr(4).c_str());
    if (word == "xml") results << "<?xml version=\"1.0\"?>\n" << std::flush;
    words >> number;
    if (word == "rows") {
      for (long i = 0; i < number && !ToldToStop(port); ++i) write_row();
    }
    if (word == "forever") {
      while (!ToldToStop(port)) write_row();
      return 0;
    }
    if (word == "sleep") std::this_thread::sleep_for(std::chrono::milliseconds(number));
    if (word == "exit") return static_cast<int>(number);
  }
  return 0;
}
