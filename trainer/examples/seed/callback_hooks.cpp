// "Otherwise, Callbacks also have the on_save_checkpoint() and on_load_checkpoint() which you
// should use instead."
#include "trainer/examples/seed/cool_object.hpp"
#include "trainer/examples/seed/support.hpp"

namespace {

class LitCallback : public cairn::Callback {
 public:
  void on_save_checkpoint(cairn::Trainer&, cairn::Module&, cairn::Checkpoint& checkpoint) override {
    checkpoint["something_cool_i_want_to_save"] = my_cool_object;
  }

  void on_load_checkpoint(cairn::Trainer&, cairn::Module&, cairn::Checkpoint& checkpoint) override {
    my_cool_object = checkpoint["something_cool_i_want_to_save"].as<seed::CoolObject>();
  }

  seed::CoolObject my_cool_object;
};

void example(const std::string& root) {
  const auto callback = std::make_shared<LitCallback>();
  callback->my_cool_object = {.name = "cairn", .history = {0.5, 0.25}, .counts = {{"stones", 7}}};

  seed::Regression model;
  cairn::Trainer trainer({.default_root_dir = root, .max_epochs = 1, .callbacks = {callback}});
  trainer.fit(model);

  const auto restored = std::make_shared<LitCallback>();
  seed::Regression resumed;
  cairn::Trainer second({.default_root_dir = root, .max_epochs = 2, .callbacks = {restored}});
  second.fit(resumed, {.ckpt_path = "last"});

  seed::expect(restored->my_cool_object == callback->my_cool_object,
               "the callback's object came back from the checkpoint");
}

}  // namespace

int main(int argc, char** argv) {
  return seed::run(argc, argv, example);
}
