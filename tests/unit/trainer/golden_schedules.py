"""Prints schedules_golden.hpp: learning rates of torch.optim.lr_scheduler, as hexadecimal floats."""
import torch
from torch.optim import lr_scheduler as s

CASES = {
    "step": lambda o: s.StepLR(o, step_size=3, gamma=0.3),
    "exponential": lambda o: s.ExponentialLR(o, gamma=0.9),
    "cosine": lambda o: s.CosineAnnealingLR(o, T_max=5, eta_min=0.01),
    "linear": lambda o: s.LinearLR(o, start_factor=0.25, end_factor=1.0, total_iters=4),
    "lambda_": lambda o: s.LambdaLR(o, lambda step: 1.0 / (1 + step)),
}

print("// Made by golden_schedules.py with torch " + torch.__version__.split("+")[0] + ".")
print("#pragma once\n\n#include <array>\n\nnamespace golden {\n")
for name, make in CASES.items():
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    schedule = make(optimizer)
    rates = []
    for _ in range(14):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    print(f"constexpr std::array<double, {len(rates)}> {name}{{")
    for rate in rates:
        print(f"    {float(rate).hex()},")
    print("};")
print("\n}  // namespace golden")
