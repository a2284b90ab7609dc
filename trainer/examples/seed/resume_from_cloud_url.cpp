// "To resume training from a cloud checkpoint use a cloud url."
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <system_error>

#include "trainer/examples/seed/support.hpp"

namespace {

class TemporaryFolder {
 public:
  TemporaryFolder() : path_(std::filesystem::temp_directory_path() / "cairn-resume-XXXXXX") {
    if (!mkdtemp(path_.data())) throw std::runtime_error("cannot make a folder like " + path_);
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// A run of two steps leaves a checkpoint at the URL.
void train_two_steps(const std::string& root, const std::string& url) {
  cairn::Trainer trainer({.default_root_dir = root,
                          .max_steps = 2,
                          .seed = 1});  // seeds the weights, so it comes first
  seed::Regression model;
  trainer.fit(model);
  trainer.save_checkpoint(url);
}

void example(const std::string& root) {
  const std::string url =
      root + "/ckpts/classifier.ckpt";  // "s3://my_bucket/ckpts/classifier.ckpt"
  train_two_steps(root, url);
  const TemporaryFolder tmpdir;

  cairn::Trainer straight_trainer({.default_root_dir = tmpdir.path(), .max_steps = 3, .seed = 1});
  seed::Regression straight;
  straight_trainer.fit(straight);

  seed::Regression model;
  cairn::Trainer trainer({.default_root_dir = tmpdir.path(), .max_steps = 3});
  const cairn::FitResult result = trainer.fit(model, {.ckpt_path = url});

  seed::expect(result.resumed_from == url && result.global_step == 3,
               "training went on from step 2 to step 3");
  seed::expect(seed::same_weights(model, straight),
               "the weights are those of a run without a break");
}

}  // namespace

int main(int argc, char** argv) {
  return seed::run(argc, argv, example);
}
