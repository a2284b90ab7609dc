// Where batches come from.
#pragma once

#include <string>

#include "checkpoint/format/value.hpp"
#include "trainer/checkpoint.hpp"
#include "trainer/stage.hpp"
#include "vfs/export.hpp"

namespace cairn {

/// Derive and add what gives batches, by value (trainer/loader.hpp), or as a range to iterate over:
///   Loader<MyDataset> train_loader();     Loader<MyDataset> val_loader();     Loader<MyDataset>
///   test_loader();
/// Optional, for your batch type, found by name: on_before_batch_transfer(Batch) -> Batch,
/// transfer_batch_to_device(Batch, c10::Device) -> Batch (default: to_device of trainer/batch.hpp),
/// on_after_batch_transfer(Batch) -> Batch.
class CAIRN_API DataModule {
 public:
  virtual ~DataModule() = default;

  virtual void prepare_data() {}
  virtual void setup(Stage) {}
  virtual void teardown(Stage) {}
  virtual void on_exception(const std::exception&) {}

  /// Saved in the checkpoint under state_key(), if not None.
  [[nodiscard]] virtual checkpoint::Value state_dict() const { return {}; }
  virtual void load_state_dict(const checkpoint::Value&) {}
  virtual void on_save_checkpoint(Checkpoint&) {}
  virtual void on_load_checkpoint(Checkpoint&) {}
  /// Default: the name of the class without namespaces, as Python's __qualname__.
  [[nodiscard]] virtual std::string state_key() const;
  /// Saved as "datamodule_hyper_parameters".
  [[nodiscard]] checkpoint::Dict& hparams() noexcept { return hparams_; }
  [[nodiscard]] const checkpoint::Dict& hparams() const noexcept { return hparams_; }

 private:
  checkpoint::Dict hparams_;
};

}  // namespace cairn
