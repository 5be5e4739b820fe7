#pragma once

#include <google/protobuf/message.h>
#include <grpcpp/channel.h>

#include <functional>
#include <iosfwd>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "client/cli/output/output_format.h"
#include "client/cli/output/table.h"

namespace grayling {

// What one invocation of the program talks to: the daemon, standard output and standard error.
// To be used from one thread.
class Session {
 public:
  Session(std::string address, OutputFormat format, std::ostream& out, std::ostream& err,
          bool err_is_terminal)
      : address_(std::move(address)),
        format_(format),
        out_(out),
        err_(err),
        err_is_terminal_(err_is_terminal) {}

  // Made on first use: gRPC's threads inherit the signal mask of that moment.
  const std::shared_ptr<grpc::Channel>& channel();
  const std::string& address() const { return address_; }

  // One answer in the chosen format: the message for programs, the table for people and CSV.
  void Print(const google::protobuf::Message& message, const Table& table);
  // The same for the rows of a stream: a header before the first, then lines; JSON is one object
  // per line, YAML one document per row.
  void PrintRow(const google::protobuf::Message& message, const Table& table);

  OutputFormat format() const { return format_; }
  std::ostream& out() { return out_; }
  std::ostream& err() { return err_; }
  bool err_is_terminal() const { return err_is_terminal_; }

 private:
  const std::string address_;
  const OutputFormat format_;
  std::ostream& out_;
  std::ostream& err_;
  const bool err_is_terminal_;
  std::shared_ptr<grpc::Channel> channel_;
  bool header_printed_ = false;
};

// What the command line asked for, filled in by the parser and run after it.
struct Invocation {
  std::function<absl::Status(Session&)> run;
};

}  // namespace grayling
