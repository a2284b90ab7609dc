// Which checkpoints are written, when, under which names, and which of them go again.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "trainer/callback.hpp"
#include "trainer/metrics.hpp"
#include "vfs/context.hpp"
#include "vfs/export.hpp"
#include "vfs/types.hpp"

namespace cairn {

enum class Mode { min, max };

struct ModelCheckpointOptions {
  std::string dirpath{};  ///< any URL; empty: <default_root_dir>/checkpoints
  std::string filename{
      "{epoch}-{step}"};  ///< {name} or {name:format}, Python's: "{epoch:02d}-{val_loss:.2f}"
  bool auto_insert_metric_name{true};  ///< {epoch} gives "epoch=3" rather than "3"
  std::string monitor{};  ///< the metric that decides which are best; empty: the newest are
  Mode mode{Mode::min};
  std::int64_t save_top_k{1};           ///< -1: keep all, 0: keep none but what `last` points to
  bool save_last{true};                 ///< keep last.json, what ckpt_path = "last" reads
  std::int64_t every_n_train_steps{0};  ///< optimizer steps; 0: by epochs
  std::int64_t every_n_epochs{1};       ///< counts if every_n_train_steps is 0
  bool save_weights_only{false};
};

/// Writes the checkpoint, then moves the pointers last.json and best.json to it, then removes what
/// is no longer wanted: a kill at any moment leaves a whole checkpoint that `last` points to.
/// Removes only what this run made (its manifest is in the checkpoint), and never the file that it
/// resumed from. A save costs its upload, a tiny one per pointer, and one request per removed file:
/// no LIST, no HEAD. A run that ends in between saves what it has, too.
class CAIRN_API ModelCheckpoint : public Callback {
 public:
  explicit ModelCheckpoint(ModelCheckpointOptions options = {});
  ~ModelCheckpoint() override;

  [[nodiscard]] const ModelCheckpointOptions& options() const noexcept { return options_; }
  [[nodiscard]] const std::string& dirpath() const;          ///< known from fit() on
  [[nodiscard]] const std::string& last_model_path() const;  ///< URL of the newest; empty: none yet
  [[nodiscard]] const std::string& best_model_path() const;
  [[nodiscard]] std::optional<double> best_model_score() const;

  /// Lightning's: ModelCheckpoint{'monitor': None, 'mode': 'min', …}
  [[nodiscard]] std::string state_key() const override;
  [[nodiscard]] checkpoint::Value state_dict() const override;
  void load_state_dict(const checkpoint::Value& state) override;
  [[nodiscard]] bool is_checkpoint() const noexcept override { return true; }
  void setup(Trainer& trainer, Module& module, Stage stage) override;
  void on_step_boundary(Trainer& trainer, Module& module, const StepBoundary& boundary) override;

 private:
  struct State;
  void save(Trainer& trainer, const Metrics& metrics, const std::optional<double>& score);
  bool publish(Trainer& trainer, State next);
  void move_pointers(Trainer& trainer, const vfs::WriteResult& written, bool best_moved);
  void remove_obsolete(Trainer& trainer);
  ModelCheckpointOptions options_;
  std::unique_ptr<State> state_;
};

/// The small JSON file beside the checkpoints that says which one is meant.
struct CheckpointPointer {
  std::string url{};  ///< relative to the pointer's folder, or absolute
  std::uint64_t size{0};
  std::string etag{};
  std::int64_t epoch{0};
  std::int64_t step{0};
  std::optional<double> score{};
};

[[nodiscard]] CAIRN_API std::string to_json(const CheckpointPointer& pointer);
/// Throws checkpoint::Error(corrupt).
[[nodiscard]] CAIRN_API CheckpointPointer parse_pointer(std::string_view json);
/// The URL that <directory>/<name>.json points to; absent if there is no such file.
[[nodiscard]] CAIRN_API std::optional<std::string> resolve_pointer(
    std::string_view directory, std::string_view name,
    const std::shared_ptr<vfs::Context>& context = {});
/// Fills a template with metrics as ModelCheckpoint does; a name that is missing counts as 0, as in
/// Lightning. Throws std::invalid_argument.
[[nodiscard]] CAIRN_API std::string format_checkpoint_name(std::string_view filename,
                                                           const Metrics& metrics,
                                                           bool auto_insert_metric_name = true);

}  // namespace cairn
