"""Python torch (Debian's python3-torch) on the training shape of ml_bench: seconds for one epoch.

usage: torch_peer.py OUT.json ROWS STEPS FEATURES HIDDEN BATCH
"""
import json
import sys
import time

import torch

torch.set_num_threads(1)


def main(out, windows, steps, features, hidden, batch):
    torch.manual_seed(1)
    inputs = torch.randn(windows, steps, features)
    targets = (torch.rand(windows, steps) < 0.2).float()
    lstm = torch.nn.LSTM(features, hidden, batch_first=True)
    head = torch.nn.Linear(hidden, 1)
    parameters = list(lstm.parameters()) + list(head.parameters())
    optimizer = torch.optim.Adam(parameters, lr=1e-3)
    loss_of = torch.nn.BCEWithLogitsLoss()

    def epoch():
        start = time.perf_counter()
        for first in range(0, windows, batch):
            optimizer.zero_grad()
            logits = head(lstm(inputs[first:first + batch])[0]).squeeze(2)
            loss_of(logits, targets[first:first + batch]).backward()
            optimizer.step()
        return time.perf_counter() - start

    epoch()
    json.dump({"python torch epoch": {"seconds": min(epoch() for _ in range(2))}}, open(out, "w"))


main(sys.argv[1], *map(int, sys.argv[2:7]))
