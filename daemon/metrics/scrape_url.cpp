#include "daemon/metrics/scrape_url.h"

#include <curl/curl.h>

namespace grayling {
namespace {

std::string Part(CURLU* url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, flags) != CURLUE_OK) return "";
  const std::unique_ptr<char, decltype(&curl_free)> owner(text, &curl_free);
  return text;
}

}  // namespace

void ScrapeUrl::Free::operator()(CURLU* url) const { curl_url_cleanup(url); }

std::optional<ScrapeUrl> ScrapeUrl::Parse(const std::string& text) {
  ScrapeUrl made;
  made.url_.reset(curl_url());
  if (curl_url_set(made.url_.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) {
    return std::nullopt;
  }
  return made;
}

std::string ScrapeUrl::host() const { return Part(url_.get(), CURLUPART_HOST); }

std::string ScrapeUrl::port() const { return Part(url_.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT); }

bool ScrapeUrl::has_user() const {
  return !Part(url_.get(), CURLUPART_USER).empty() || !Part(url_.get(), CURLUPART_PASSWORD).empty();
}

std::string ScrapeUrl::WithHost(const std::string& host) const {
  const std::unique_ptr<CURLU, Free> copy(curl_url_dup(url_.get()));
  curl_url_set(copy.get(), CURLUPART_HOST, host.c_str(), 0);
  return Part(copy.get(), CURLUPART_URL);
}

}  // namespace grayling
