#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>
#include <functional>
#include <limits>
#include <sstream>

#include "client/cli/output/tables.h"
#include "client/cli/session.h"

// The answers of the daemon in all four formats, against files in tests/golden/cli. After a
// deliberate change of a format: GRAYLING_UPDATE_GOLDEN=1 cli_test, then read the diff.

namespace grayling {
namespace {

template <typename Message>
std::string Render(const Message& message, OutputFormat format) {
  std::ostringstream out;
  std::ostringstream err;
  Session session("unix:///nowhere", format, out, err, false);
  session.Print(message, TableOf(message));
  return out.str();
}

v1::ListVmsResponse Vms() {
  v1::ListVmsResponse list;
  v1::Vm& lab = *list.add_vms();
  lab.set_name("vms/lab");
  lab.set_state(v1::VM_STATE_RUNNING);
  lab.set_agent_answers(true);
  lab.mutable_spec()->set_kernel_path("/srv/lab/vmlinuz");
  lab.mutable_spec()->set_kernel_arguments("root=/dev/vda rw console=ttyS0");
  lab.mutable_spec()->set_accelerator("tcg");
  lab.mutable_spec()->set_vcpus(2);
  lab.mutable_spec()->set_memory_mib(2048);
  v1::PortForward& forward = *lab.mutable_spec()->add_forwards();
  forward.set_guest_port(8080);
  forward.set_host_port(41234);
  list.add_vms()->set_name("vms/spare");
  list.mutable_vms(1)->set_state(v1::VM_STATE_SHUT_OFF);
  list.set_next_page_token("not shown");
  return list;
}

v1::ListFaultsResponse Faults() {
  v1::ListFaultsResponse list;
  v1::Fault& fault = *list.add_faults();
  fault.set_name("faults/20260301T101500-3");
  fault.set_state(v1::FAULT_STATE_REVERTED);
  fault.set_reason("ended by itself, \"on time\"");
  fault.mutable_spec()->set_kind("network.delay");
  fault.mutable_spec()->set_vm("vms/lab");
  fault.mutable_spec()->set_service("visits-service");
  (*fault.mutable_spec()->mutable_parameters())["delay_ms"] = 40;
  fault.mutable_spec()->mutable_duration()->set_seconds(90);
  fault.mutable_verified_time()->set_seconds(1772360100);
  fault.mutable_verified_time()->set_nanos(250'000'000);
  fault.mutable_reverted_time()->set_seconds(1772360190);
  return list;
}

v1::Campaign Campaign() {
  v1::Campaign campaign;
  campaign.set_name("campaigns/20260301T101500-demo");
  campaign.set_plan_yaml("name: demo\nload: {users: 5}\n");
  campaign.set_state(v1::CAMPAIGN_STATE_RUNNING);
  campaign.set_phase("during");
  campaign.mutable_planned_duration()->set_seconds(300);
  v1::FaultWindow& window = *campaign.add_windows();
  window.set_index(1);
  window.set_group("repetition-1");
  window.mutable_spec()->set_kind("cpu.quota");
  window.mutable_spec()->set_service("vets-service");
  (*window.mutable_spec()->mutable_parameters())["percent"] = 12.5;
  window.mutable_planned_start()->set_seconds(60);
  window.mutable_planned_end()->set_seconds(120);
  window.mutable_start_time()->set_seconds(1772360160);
  window.set_outcome("active");
  return campaign;
}

v1::PlanCampaignResponse Plan() {
  v1::PlanCampaignResponse plan;
  plan.mutable_duration()->set_seconds(4000);
  const auto add = [&plan](const std::string& kind, const std::string& service) {
    v1::FaultWindow& window = *plan.add_windows();
    window.set_index(plan.windows_size() - 1);
    window.set_group("r1");
    window.set_load("calm");
    window.set_outcome("planned");
    window.mutable_spec()->set_kind(kind);
    window.mutable_spec()->set_vm("vms/lab");
    window.mutable_spec()->set_service(service);
    window.mutable_planned_start()->set_seconds(1000 * plan.windows_size());
    window.mutable_planned_end()->set_seconds(1000 * plan.windows_size() + 90);
    return &window;
  };
  add("none", "");
  v1::FaultSpec& delay = *add("network.delay", "visits-service")->mutable_spec();
  (*delay.mutable_parameters())["delay_ms"] = 40;
  (*delay.mutable_options())["peer"] = "api-gateway";
  v1::FaultWindow& cap = *add("vm.cpu_cap", "");
  cap.set_gray("20%");
  cap.mutable_spec()->mutable_shape()->set_kind(v1::FaultShape::KIND_RAMP);
  cap.mutable_spec()->mutable_shape()->set_from_share(0.2);
  add("network.partition", "vets-service");
  for (const v1::FaultWindow& window : plan.windows()) {
    v1::WindowClass& one = *plan.add_classes();
    one.set_kind(window.spec().kind());
    one.set_service(window.spec().service());
    one.set_load(window.load());
    one.set_gray(window.gray());
    one.set_windows(1);
  }
  plan.mutable_classes(1)->set_intensity(40);
  v1::TrafficEstimate& traffic = *plan.mutable_traffic();
  traffic.set_requests(153'412);
  traffic.set_response_bytes(368'188'800);
  traffic.set_requests_per_second(38.3456);
  traffic.set_response_ms(12.5);
  traffic.set_bytes_per_response(2400);
  traffic.set_basis("a table");
  return plan;
}

v1::Load Load() {
  v1::Load load;
  load.set_running(true);
  load.mutable_spec()->set_base_url("http://127.0.0.1:41234");
  load.mutable_spec()->set_users(35);
  load.set_requests(12345);
  load.set_errors(6);
  load.set_requests_per_second(61.25);
  load.set_p50_ms(std::numeric_limits<double>::quiet_NaN());
  load.set_p95_ms(88.123456789);
  return load;
}

v1::QueryRangeResponse Points() {
  v1::QueryRangeResponse response;
  v1::Point& point = *response.add_points();
  point.set_series("client_latency_seconds{quantile=\"0.95\"}");
  point.set_time_ms(1772360100000);
  point.set_value(1234567.125);
  return response;
}

v1::QueryRangeResponse Series() {
  v1::QueryRangeResponse response;
  v1::SeriesSamples& samples = *response.add_series();
  samples.set_series("client_latency_seconds{quantile=\"0.95\"}");
  samples.add_times_ms(1772360100000);
  samples.add_values(0.125);
  samples.add_times_ms(1772360105000);
  samples.add_values(std::numeric_limits<double>::quiet_NaN());
  return response;
}

v1::ListPinsResponse Pins() {
  v1::ListPinsResponse list;
  v1::Pin& campaign = *list.add_pins();
  campaign.set_name("pins/campaign-night");
  campaign.set_campaign("campaigns/night");
  campaign.mutable_start_time()->set_seconds(1772360100);
  v1::Pin& pin = *list.add_pins();
  pin.set_name("pins/before-upgrade");
  pin.set_note("two good hours");
  pin.mutable_start_time()->set_seconds(1772360100);
  pin.mutable_end_time()->set_seconds(1772367300);
  return list;
}

v1::Model Model() {
  v1::Model model;
  model.set_name("models/7");
  model.set_description("night run");
  model.set_active(true);
  model.set_size_bytes(51234);
  model.set_threshold(0.35);
  model.mutable_create_time()->set_seconds(1772360100);
  model.mutable_activate_time()->set_seconds(1772360160);
  v1::ModelProvenance& provenance = *model.mutable_provenance();
  provenance.set_dataset("demo");
  provenance.set_dataset_hash("0f1e");
  provenance.add_groups("repetition-1");
  provenance.add_groups("repetition-2");
  provenance.set_runs(2);
  provenance.set_rows(1200);
  provenance.set_events(24);
  provenance.set_seed(1);
  provenance.set_architecture("lstm 32");
  provenance.set_loss("bce");
  provenance.mutable_fit_time()->set_seconds(1772360000);
  provenance.set_program("grayling-ml 0.1.0");
  v1::ModelMetric& metric = *provenance.add_metrics();
  metric.set_name("pr_auc");
  metric.set_value(0.8125);
  return model;
}

v1::ListModelsResponse Models() {
  v1::ListModelsResponse list;
  *list.add_models() = Model();
  return list;
}

v1::ListAlarmsResponse Alarms() {
  v1::ListAlarmsResponse list;
  v1::Alarm& alarm = *list.add_alarms();
  alarm.set_name("alarms/12");
  alarm.set_model("models/7");
  alarm.set_service("visits-service");
  alarm.set_score(0.97);
  alarm.mutable_start_time()->set_seconds(1772360104);
  return list;
}

v1::ListFaultKindsResponse Kinds() {
  v1::ListFaultKindsResponse list;
  v1::FaultKind& kind = *list.add_kinds();
  kind.set_kind("network.delay");
  kind.set_description("Delays the packets of a service");
  v1::FaultParameter& parameter = *kind.add_parameters();
  parameter.set_name("delay_ms");
  parameter.set_unit("ms");
  parameter.set_minimum(1);
  parameter.set_maximum(2000);
  parameter.set_default_value(40);
  parameter.set_description("Added to every packet");
  v1::FaultOption& option = *kind.add_options();
  option.set_name("direction");
  option.add_choices("in");
  option.add_choices("out");
  option.set_default_value("in");
  option.set_description("Which packets");
  kind.add_backends("native");
  return list;
}

struct Sample {
  std::string name;
  std::function<std::string(OutputFormat)> render;
};

template <typename Message>
Sample SampleOf(const std::string& name, const Message& message) {
  return {name, [message](OutputFormat format) { return Render(message, format); }};
}

// What `model get` prints.
Sample ModelDetails() {
  return {"model", [](OutputFormat format) {
            std::ostringstream out;
            std::ostringstream err;
            Session session("unix:///nowhere", format, out, err, false);
            session.Print(Model(), DetailsOf(Model()));
            return out.str();
          }};
}

class GoldenTest : public testing::TestWithParam<Sample> {};

TEST_P(GoldenTest, LooksAsAgreedInAllFourFormats) {
  const std::vector<std::pair<std::string, OutputFormat>> formats = {
      {"table", OutputFormat::kTable},
      {"json", OutputFormat::kJson},
      {"yaml", OutputFormat::kYaml},
      {"csv", OutputFormat::kCsv}};
  for (const auto& [extension, format] : formats) {
    const std::string path = std::string(GRAYLING_GOLDEN) + "/" + GetParam().name + "." + extension;
    const std::string ours = GetParam().render(format);
    if (std::getenv("GRAYLING_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << ours;
    std::ostringstream golden;
    golden << std::ifstream(path).rdbuf();
    EXPECT_EQ(ours, golden.str()) << path;
  }
}

INSTANTIATE_TEST_SUITE_P(Answers, GoldenTest,
                         testing::Values(SampleOf("vms", Vms()), SampleOf("faults", Faults()),
                                         SampleOf("fault_kinds", Kinds()),
                                         SampleOf("campaign", Campaign()), SampleOf("plan", Plan()),
                                         SampleOf("load", Load()), SampleOf("points", Points()),
                                         SampleOf("series", Series()), SampleOf("pins", Pins()),
                                         ModelDetails(), SampleOf("models", Models()),
                                         SampleOf("alarms", Alarms())),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace grayling
