#include "trainer/loggers.hpp"

#include <array>
#include <charconv>
#include <set>
#include <stdexcept>
#include <utility>
#include <vector>

#include "vfs/error.hpp"
#include "vfs/file_system.hpp"
#include "vfs/url.hpp"

namespace cairn {
namespace {

std::string number(double value) {
  std::array<char, 32> buffer{};
  return {buffer.data(), std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr};
}

/// RFC 4180: quoted where a comma, quote or line end makes it necessary.
std::string quoted(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

/// One record from `text` at `at`, which moves behind it.
std::vector<std::string> read_record(std::string_view text, std::size_t& at) {
  std::vector<std::string> cells(1);
  bool inside = false;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"') {
      if (inside && at + 1 < text.size() && text[at + 1] == '"')
        cells.back() += text[++at];
      else
        inside = !inside;
    } else if (inside || (c != ',' && c != '\n' && c != '\r')) {
      cells.back() += c;
    } else if (c == ',') {
      cells.emplace_back();
    } else if (c == '\n') {
      ++at;
      break;
    }
  }
  return cells;
}

struct Row {
  std::int64_t epoch{0};
  std::int64_t step{0};
  std::map<std::string, std::string, std::less<>> cells{};
};

/// Rows up to `last_step`. Throws std::invalid_argument for what is not such a file.
std::vector<Row> parse_rows(std::string_view text, std::int64_t last_step) {
  std::size_t at = 0;
  const std::vector<std::string> header = read_record(text, at);
  if (header.size() < 2 || header[0] != "epoch" || header[1] != "step")
    throw std::invalid_argument("it does not begin with the columns epoch,step");
  std::vector<Row> rows;
  while (at < text.size()) {
    const std::vector<std::string> cells = read_record(text, at);
    if (cells.size() != header.size())
      throw std::invalid_argument("row " + std::to_string(rows.size() + 2) +
                                  " has another number of columns");
    Row row{.epoch = std::stoll(cells[0]), .step = std::stoll(cells[1])};
    for (std::size_t i = 2; i < cells.size(); ++i) {
      if (!cells[i].empty()) row.cells.emplace(header[i], cells[i]);
    }
    if (row.step <= last_step) rows.push_back(std::move(row));
  }
  return rows;
}

std::string render(const std::vector<Row>& rows, const std::set<std::string, std::less<>>& names) {
  std::string text = "epoch,step";
  for (const std::string& name : names) text += "," + quoted(name);
  text += "\n";
  for (const Row& row : rows) {
    text += std::to_string(row.epoch) + "," + std::to_string(row.step);
    for (const std::string& name : names) {
      const auto cell = row.cells.find(name);
      text += "," + (cell == row.cells.end() ? std::string() : cell->second);
    }
    text += "\n";
  }
  return text;
}

}  // namespace

struct CSVLogger::State {
  vfs::Location location;
  std::vector<Row> rows{};
  std::set<std::string, std::less<>> names{};
  std::int64_t unwritten{0};
};

CSVLogger::CSVLogger(CSVLoggerOptions options) : options_(std::move(options)) {
  if (options_.flush_logs_every_n_rows < 1)
    throw std::invalid_argument("CSVLogger: flush_logs_every_n_rows must be at least 1");
}

CSVLogger::~CSVLogger() = default;

void CSVLogger::start(const LoggerStart& start) {
  const vfs::Url directory = options_.directory.empty() ? vfs::Url::parse(start.root_dir) / "logs"
                                                        : vfs::Url::parse(options_.directory);
  const vfs::Url url = directory / "metrics.csv";
  state_ = std::make_unique<State>(State{.location = start.context->resolve(url)});
  if (!start.resumed_step) return;
  std::string text;
  try {
    text = state_->location.file_system.read_text(state_->location.path);
  } catch (const vfs::Error& error) {
    if (error.code() == vfs::ErrorCode::not_found) return;  // resumed into a new folder
    throw;
  }
  try {
    state_->rows = parse_rows(text, *start.resumed_step);
  } catch (const std::logic_error& error) {
    throw std::runtime_error("cannot go on with the log " + url.string() + ": " + error.what());
  }
  for (const Row& row : state_->rows) {
    for (const auto& [name, cell] : row.cells) state_->names.insert(name);
  }
}

void CSVLogger::log_metrics(const Metrics& metrics, std::int64_t epoch, std::int64_t step) {
  if (!state_ || metrics.empty()) return;
  Row row{.epoch = epoch, .step = step};
  for (const auto& [name, value] : metrics) {
    row.cells.emplace(name, number(value));
    state_->names.insert(name);
  }
  state_->rows.push_back(std::move(row));
  if (++state_->unwritten >= options_.flush_logs_every_n_rows) flush();
}

void CSVLogger::flush() {
  if (!state_ || state_->unwritten == 0) return;
  const std::string text = render(state_->rows, state_->names);
  state_->location.file_system.write(state_->location.path, vfs::Body(text),
                                     {.content_type = "text/csv"});
  state_->unwritten = 0;
}

void CSVLogger::finalize(std::string_view) {
  flush();
}

}  // namespace cairn
