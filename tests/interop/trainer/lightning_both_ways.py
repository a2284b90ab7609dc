"""A Lightning Trainer goes on from our checkpoint, and ours from Lightning's: weights, optimizer, schedule and counters.

lightning_both_ways.py TRAINER_TOOL; where Lightning is not installed it is skipped, but fails in CI.
"""

import os
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

try:
    import pytorch_lightning as pl
    import torch
except ImportError as missing:
    print(f"no Lightning to test with: {missing}")
    sys.exit(1 if os.environ.get("CI") == "true" else 77)

warnings.filterwarnings("ignore")
TOOL = sys.argv[1]
BATCHES = 5  # of an epoch


class Points(torch.utils.data.Dataset):
    """As tests/unit/trainer/tiny.hpp: sample i is a function of i."""

    def __init__(self, count):
        self.count = count

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        data = torch.sin(torch.tensor(float(index)) * torch.arange(1.0, 5.0))
        return data, data.sum(0, keepdim=True)


class Regression(pl.LightningModule):
    def __init__(self):
        super().__init__()
        self.encoder = torch.nn.Linear(4, 8)
        self.decoder = torch.nn.Linear(8, 1)
        self.batches = []
        self.first_rate = None

    def training_step(self, batch, batch_idx):
        self.batches.append(batch_idx)
        if self.first_rate is None:
            self.first_rate = self.optimizers().param_groups[0]["lr"]
        return torch.nn.functional.mse_loss(self.decoder(torch.relu(self.encoder(batch[0]))), batch[1])

    def configure_optimizers(self):
        adam = torch.optim.AdamW(self.parameters(), lr=0.01)
        cosine = torch.optim.lr_scheduler.CosineAnnealingLR(adam, T_max=12)
        return {"optimizer": adam, "lr_scheduler": {"scheduler": cosine, "interval": "step"}}


class Validated(Regression):
    def validation_step(self, batch, batch_idx):
        pass


def loader(count):
    return torch.utils.data.DataLoader(Points(count), batch_size=4)


def python_fit(folder, limits, ckpt_path=None, validate=False):
    pl.seed_everything(5, verbose=False)
    module = Validated() if validate else Regression()
    saver = pl.callbacks.ModelCheckpoint(dirpath=folder, filename="{step}", save_top_k=-1, every_n_train_steps=1)
    trainer = pl.Trainer(
        accelerator="cpu", logger=False, callbacks=[saver], enable_progress_bar=False, enable_model_summary=False, **limits
    )  # fmt: skip
    trainer.fit(module, loader(20), loader(8) if validate else None, ckpt_path=ckpt_path)
    return trainer, module


def cpp_fit(folder, max_steps, ckpt_path=None):
    command = [TOOL, str(folder), str(max_steps)] + ([str(ckpt_path)] if ckpt_path else [])
    answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return int(answer[0]), int(answer[1])


def load(folder, step):
    return torch.load(folder / f"step={step}.ckpt", weights_only=True)


def check_close(left, right, what):
    assert left.keys() == right.keys(), what
    for name in left:
        torch.testing.assert_close(left[name], right[name], rtol=1e-4, atol=1e-6, msg=f"{what}: {name}")


def lightning_goes_on_from_ours(folder):
    ours = folder / "ours"
    cpp_fit(ours, 10)
    expected = load(ours, 10)
    rate = expected["optimizer_states"][0]["param_groups"][0]["lr"]
    for limits in ({"max_steps": 10}, {"max_epochs": 2}, {"max_steps": 10, "max_epochs": 1000}):
        for validate in (False, True):
            case = f"Lightning resumed at the end of an epoch, {limits}, validate {validate}"
            trainer, module = python_fit(folder / "theirs", limits, ours / "step=5.ckpt", validate)
            assert module.batches == list(range(BATCHES)), f"{case}: {module.batches}"
            assert (trainer.current_epoch, trainer.global_step) == (2, 10), f"{case}: {trainer.current_epoch}, {trainer.global_step}"
            check_close(module.state_dict(), expected["state_dict"], case)
            assert abs(trainer.optimizers[0].param_groups[0]["lr"] - rate) < 1e-12, case


def lightning_goes_on_in_the_middle_of_an_epoch(folder):
    ours = folder / "middle"
    cpp_fit(ours, 10)
    saved = load(ours, 3)
    trainer, module = python_fit(folder / "middle_theirs", {"max_steps": 5}, ours / "step=3.ckpt")
    assert module.batches == [3, 4], module.batches
    assert trainer.global_step == 5
    assert abs(module.first_rate - saved["lr_schedulers"][0]["_last_lr"][0]) < 1e-12


def ours_goes_on_from_lightning(folder):
    theirs, ours = folder / "lightning", folder / "resumed"
    python_fit(theirs, {"max_steps": 10, "max_epochs": 1000})
    for step in (3, 5, 8):
        assert cpp_fit(ours, 10, theirs / f"step={step}.ckpt") == (2, 10)
        check_close(load(ours, 10)["state_dict"], load(theirs, 10)["state_dict"], f"resumed from Lightning's step {step}")


def same_tree(folder):
    """Every key that Lightning writes is in ours, with a value of the same type."""
    ours, theirs = load(folder / "ours", 5), load(folder / "lightning", 5)

    def compare(left, right, path):
        assert type(left) is type(right), f"{path}: {type(left)} and {type(right)}"
        if isinstance(right, dict):
            assert right.keys() <= left.keys(), f"{path} lacks {right.keys() - left.keys()}"
            for key in right:
                compare(left[key], right[key], f"{path}.{key}")

    for key in theirs:
        if key != "callbacks":
            compare(ours[key], theirs[key], key)


with tempfile.TemporaryDirectory() as temporary:
    root = Path(temporary)
    for check in (lightning_goes_on_from_ours, lightning_goes_on_in_the_middle_of_an_epoch, ours_goes_on_from_lightning, same_tree):
        check(root)
        print("ok", check.__name__)
