#include "probe/exporter/exporter.h"

#include <algorithm>

namespace grayling::probe {
namespace {

using Watches = std::vector<std::unique_ptr<ContainerWatch>>;

std::string NameOfAddress(const Watches& watches, std::uint32_t ipv4) {
  for (const auto& watch : watches) {
    if (ipv4 != 0 && watch->ipv4() == ipv4) return watch->container().name;
  }
  return "";
}

void WriteEdges(Exposition& exposition, const Watches& watches,
                const std::vector<ContainerSample>& samples) {
  exposition.Family(kEdgeFamily);
  for (std::size_t i = 0; i < watches.size(); ++i) {
    for (const auto& [address, srtt_us] : samples[i].edge_srtt_us) {
      const std::string callee = NameOfAddress(watches, address);
      if (callee.empty()) continue;
      exposition.Sample(watches[i]->label() + "," + LabelText("upstream", callee), srtt_us);
    }
  }
}

bool IsSame(const Container& a, const Container& b) {
  return a.id == b.id && a.pid == b.pid && a.veth == b.veth && a.ip == b.ip;
}

}  // namespace

Exporter::Exporter(ContainerFinder finder) : finder_(std::move(finder)) {
  Result<KeptFile> net_dev = KeptFile::Open("/proc/self/net/dev");
  if (net_dev.ok()) net_dev_ = std::move(*net_dev);
}

void Exporter::Rediscover() {
  Result<std::vector<Container>> found = finder_.Find();
  if (!found.ok()) return;
  saw_one_leave_ = false;
  Watches next;
  for (const Container& container : *found) {
    const auto known = std::find_if(watches_.begin(), watches_.end(), [&](const auto& watch) {
      return watch != nullptr && IsSame(watch->container(), container);
    });
    if (known != watches_.end()) {
      next.push_back(std::move(*known));
      continue;
    }
    Result<std::unique_ptr<ContainerWatch>> watch = ContainerWatch::Open(container);
    if (watch.ok()) next.push_back(std::move(*watch));
  }
  watches_ = std::move(next);
}

const std::string& Exporter::Render() {
  std::string_view net_dev;
  if (net_dev_.valid()) {
    Result<std::string_view> text = net_dev_.Read(net_dev_buffer_);
    if (text.ok()) net_dev = *text;
  }
  std::vector<ContainerSample> samples(watches_.size());
  for (std::size_t i = 0; i < watches_.size(); ++i) {
    Result<ContainerSample> sample = watches_[i]->Sample(net_dev, buffer_);
    if (sample.ok()) {
      samples[i] = std::move(*sample);
    } else {
      saw_one_leave_ = true;
    }
  }
  Exposition exposition(out_);
  for (const ContainerFamily& family : kContainerFamilies) {
    exposition.Family(family.name);
    for (std::size_t i = 0; i < watches_.size(); ++i) {
      exposition.Sample(watches_[i]->label(), samples[i].*family.value);
    }
  }
  WriteEdges(exposition, watches_, samples);
  node_.Write(exposition, buffer_);
  return out_;
}

}  // namespace grayling::probe
