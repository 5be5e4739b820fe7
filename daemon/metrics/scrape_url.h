#pragma once

#include <memory>
#include <optional>
#include <string>

struct Curl_URL;

namespace grayling {

// The parts of a url, as libcurl reads it. Not thread-safe.
class ScrapeUrl {
 public:
  // nullopt when it is none.
  static std::optional<ScrapeUrl> Parse(const std::string& text);

  std::string host() const;  // an IPv6 address in its brackets
  std::string port() const;  // the scheme's own where none is written
  bool has_user() const;
  // The same url with another host.
  std::string WithHost(const std::string& host) const;

 private:
  struct Free {
    void operator()(Curl_URL* url) const;
  };
  std::unique_ptr<Curl_URL, Free> url_;
};

}  // namespace grayling
