// Where metrics are written.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "checkpoint/format/value.hpp"
#include "trainer/metrics.hpp"
#include "vfs/context.hpp"
#include "vfs/export.hpp"

namespace cairn {

/// What a run tells its loggers when it starts.
struct LoggerStart {
  std::string root_dir{};
  std::shared_ptr<vfs::Context> context{};
  std::optional<std::int64_t>
      resumed_step{};  ///< rows past it are from a future that did not happen
  checkpoint::Dict hparams{};
};

/// Called on the thread of fit(). What a logger throws ends the run.
class CAIRN_API Logger {
 public:
  virtual ~Logger() = default;
  virtual void start(const LoggerStart& start) = 0;
  virtual void log_metrics(const Metrics& metrics, std::int64_t epoch, std::int64_t step) = 0;
  virtual void flush() = 0;  ///< before each checkpoint too, so that the log is never behind it
  virtual void finalize(std::string_view status) = 0;  ///< "success" or "failed"
};

struct CSVLoggerOptions {
  std::string directory{};  ///< any URL; empty: <root>/logs
  std::int64_t flush_logs_every_n_rows{100};
};

/// <directory>/metrics.csv: epoch, step, then every metric seen; empty where a row has none. The
/// file is rewritten on flush, as objects can't be appended to. A resumed run goes on with the
/// file, after dropping the rows past its step; a fresh one replaces it.
class CAIRN_API CSVLogger final : public Logger {
 public:
  explicit CSVLogger(CSVLoggerOptions options = {});
  ~CSVLogger() override;
  void start(const LoggerStart& start) override;
  void log_metrics(const Metrics& metrics, std::int64_t epoch, std::int64_t step) override;
  void flush() override;
  void finalize(std::string_view status) override;

 private:
  struct State;
  CSVLoggerOptions options_;
  std::unique_ptr<State> state_;
};

}  // namespace cairn
