#include "client/cli/session.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <ostream>

#include "client/cli/output/document.h"

namespace grayling {

const std::shared_ptr<grpc::Channel>& Session::channel() {
  if (channel_ == nullptr) {
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(-1);
    // A proxy named in the environment has no business between us and a loopback address.
    arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
    channel_ = grpc::CreateCustomChannel(address_, grpc::InsecureChannelCredentials(), arguments);
  }
  return channel_;
}

void Session::Print(const google::protobuf::Message& message, const Table& table) {
  switch (format_) {
    case OutputFormat::kTable:
      out_ << RenderTable(table);
      break;
    case OutputFormat::kCsv:
      out_ << RenderCsv(table);
      break;
    case OutputFormat::kJson:
      out_ << RenderJson(DocumentOf(message));
      break;
    case OutputFormat::kYaml:
      out_ << RenderYaml(DocumentOf(message));
      break;
  }
  out_.flush();
}

void Session::PrintRow(const google::protobuf::Message& message, const Table& table) {
  const bool first = !header_printed_;
  header_printed_ = true;
  switch (format_) {
    case OutputFormat::kTable: {
      std::string text = RenderTable(table);
      if (!first) text.erase(0, text.find('\n') + 1);
      out_ << text;
      break;
    }
    case OutputFormat::kCsv: {
      if (first) out_ << RenderCsvLine(table.columns);
      for (const auto& row : table.rows) out_ << RenderCsvLine(row);
      break;
    }
    case OutputFormat::kJson:
      out_ << DocumentOf(message).dump() << '\n';
      break;
    case OutputFormat::kYaml:
      out_ << "---\n" << RenderYaml(DocumentOf(message));
      break;
  }
  out_.flush();
}

}  // namespace grayling
