#include "client/cli/arguments.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace grayling {
namespace {

// Calls `take(key, value)` for each key=value of `items`.
template <typename Take>
void ForEachPair(const std::string& name, const std::vector<std::string>& items, Take take) {
  for (const std::string& item : items) {
    const size_t equals = item.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw CLI::ValidationError(name, absl::StrCat("'", item, "' is not of the form KEY=VALUE"));
    }
    take(item.substr(0, equals), item.substr(equals + 1));
  }
}

CLI::Option* OneValueEach(CLI::Option* option) {
  return option->expected(1, CLI::detail::expected_max_vector_size)->allow_extra_args(false);
}

}  // namespace

std::string ResourceName(const std::string& collection, const std::string& name) {
  const std::string prefix = absl::StrCat(collection, "/");
  return absl::StartsWith(name, prefix) ? name : prefix + name;
}

bool ReadDuration(const std::string& text, absl::Duration& value) {
  return absl::ParseDuration(text, &value) && value >= absl::ZeroDuration() &&
         value < absl::InfiniteDuration();
}

bool ReadInstant(const std::string& text, absl::Time now, absl::Time& value) {
  absl::Duration ago;
  if (text == "now") {
    value = now;
    return true;
  }
  if (ReadDuration(text, ago)) {
    value = now - ago;
    return true;
  }
  return absl::ParseTime(absl::RFC3339_full, text, &value, nullptr) &&
         value < absl::InfiniteFuture() && value > absl::InfinitePast();
}

CLI::Option* AddDuration(CLI::App& command, const std::string& name, absl::Duration& value,
                         const std::string& description) {
  const auto read = [&value, name](const std::string& text) {
    if (ReadDuration(text, value)) return;
    throw CLI::ValidationError(
        name, absl::StrCat("'", text, "' is not a duration; write 30s, 2m or 1h30m"));
  };
  return command.add_option_function<std::string>(name, read, description)
      ->type_name("DURATION")
      ->default_str(absl::FormatDuration(value));
}

CLI::Option* AddInstant(CLI::App& command, const std::string& name, absl::Time& value,
                        const std::string& description) {
  const auto read = [&value, name](const std::string& text) {
    if (ReadInstant(text, absl::Now(), value)) return;
    throw CLI::ValidationError(
        name, absl::StrCat("'", text,
                           "' is not an instant; write 2026-03-01T10:15:00Z, now, or "
                           "how long ago: 5m"));
  };
  return command.add_option_function<std::string>(name, read, description)->type_name("INSTANT");
}

CLI::Option* AddLabels(CLI::App& command, const std::string& name,
                       std::map<std::string, std::string>& labels, const std::string& description) {
  const auto read = [&labels, name](const std::vector<std::string>& items) {
    ForEachPair(name, items,
                [&](const std::string& key, const std::string& value) { labels[key] = value; });
  };
  return OneValueEach(
      command.add_option_function<std::vector<std::string>>(name, read, description)
          ->type_name("KEY=VALUE"));
}

CLI::Option* AddNumbersAndWords(CLI::App& command, const std::string& name,
                                std::map<std::string, double>& numbers,
                                std::map<std::string, std::string>& words,
                                const std::string& description) {
  const auto read = [&numbers, &words, name](const std::vector<std::string>& items) {
    ForEachPair(name, items, [&](const std::string& key, const std::string& value) {
      double number = 0;
      if (absl::SimpleAtod(value, &number)) {
        numbers[key] = number;
      } else {
        words[key] = value;
      }
    });
  };
  return OneValueEach(
      command.add_option_function<std::vector<std::string>>(name, read, description)
          ->type_name("KEY=VALUE"));
}

CLI::Option* AddShape(CLI::App& command, const std::string& name, FaultShape& shape,
                      const std::string& description) {
  const auto read = [&shape, name](const std::string& text) {
    const std::string wrong = ParseShape(text, shape);
    if (!wrong.empty()) throw CLI::ValidationError(name, wrong);
  };
  return command.add_option_function<std::string>(name, read, description)->type_name("SHAPE");
}

CLI::Option* AddRepeated(CLI::App& command, const std::string& name,
                         std::vector<std::string>& values, const std::string& description) {
  return OneValueEach(command.add_option(name, values, description));
}

absl::StatusOr<std::string> ReadWholeFile(const std::string& path) {
  // A folder opens like a file, and throws only when read.
  std::error_code ignored;
  std::ifstream file(path, std::ios::binary);
  if (!file || std::filesystem::is_directory(path, ignored)) {
    return absl::NotFoundError(absl::StrCat("cannot read the file '", path, "'"));
  }
  std::string content{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  return content;
}

absl::Status WriteWholeFile(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (file) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("cannot write the file '", path, "'"));
}

}  // namespace grayling
