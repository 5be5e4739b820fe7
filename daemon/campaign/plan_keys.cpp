#include "daemon/campaign/plan_keys.h"

namespace grayling {

const std::map<std::string, std::vector<std::string>>& PlanKeys() {
  static const std::map<std::string, std::vector<std::string>> keys = {
      {"plan",
       {"name", "vm", "services", "load", "scrape", "phases", "order", "repetitions", "baseline",
        "faults", "guards", "on_failure", "grafana", "notes"}},
      {"service", {"name", "reason"}},
      {"load",
       {"url", "users", "rate", "arrivals", "most_in_flight", "think_time", "think_time_ms",
        "think_time_deviation_ms", "ramp_up_s", "request_timeout_s", "mix", "seed", "jmeter"}},
      {"level",
       {"name", "url", "users", "rate", "arrivals", "most_in_flight", "think_time", "think_time_ms",
        "think_time_deviation_ms", "ramp_up_s", "request_timeout_s", "mix", "seed", "jmeter"}},
      {"mix", {"requests", "ids"}},
      {"request", {"name", "method", "path", "body", "weight", "status", "learns"}},
      {"id", {"from", "to"}},
      {"jmeter", {"plan", "properties"}},
      {"phases", {"warmup_s", "before_s", "during_s", "after_s", "cooldown_s", "gap_s"}},
      {"order", {"policy", "seed", "budget", "covered"}},
      {"covered", {"kind", "service", "intensity", "load", "windows"}},
      {"fault",
       {"kind", "services", "parameters", "intensity", "intensities", "options", "shape", "backend",
        "arguments"}},
      {"shape", {"kind", "from", "steps", "period_s", "duty", "seed"}},
      {"guard", {"rule", "for_s", "clear_s", "action"}},
      {"on_failure", {"retry", "then"}},
      {"grafana", {"annotate"}},
  };
  return keys;
}

}  // namespace grayling
